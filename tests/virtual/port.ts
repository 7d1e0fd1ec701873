import type { Timer } from "../../src/clock.ts";
import type { Death, PortOwner, WorkerCall, WorkerPort } from "../../src/runtime/port.ts";
import type { VirtualClock } from "./clock.ts";
import { createRandom } from "./random.ts";

/** What a call does on a worker. */
export interface Service {
  /** Time it runs, in ms. */
  readonly ms: number;
  /** How it ends. @default {"ok"} */
  readonly end?: "ok" | "throw" | "crash" | "lost" | "uncloneable";
  /** Output, or what it throws. */
  readonly value?: unknown;
  /** Whether it ends soon after an abort. @default {false} */
  readonly heeds?: boolean;
}

/** How the workers of a world behave; whatever is random has a stream of its own. */
export interface PortModel {
  /** What a call does. */
  readonly serve: (call: WorkerCall) => Service;
  /** Time until a worker is ready, in ms. @default {1} */
  readonly startMs?: number;
  /** Time from `terminate()` to the end, in ms; calls may still end meanwhile. @default {1} */
  readonly endMs?: number;
  /** Time that sending a call takes on the router's thread, in ms. @default {0} */
  readonly dispatchMs?: number;
  /** Share of starts that fail. @default {0} */
  readonly startFailures?: number;
  /** Share of starts that take 100 times as long. @default {0} */
  readonly slowStarts?: number;
  /** Share of results that are sent a second time, later. @default {0} */
  readonly lateResults?: number;
  /** Seed of the three shares. @default {1} */
  readonly seed?: number;
}

/** The workers of one world: makes them, counts them, and notes whatever breaks the port's contract. */
export class ModelPorts {
  readonly clock: VirtualClock;
  readonly model: PortModel;
  readonly all: ModelPort[] = [];
  /** Calls, in the order they were sent. */
  readonly calls: WorkerCall[] = [];
  /** Numbers of aborted calls. */
  readonly aborted: number[] = [];
  /** What the router did that it must not. */
  readonly violations: string[] = [];
  readonly #startFailure: () => number;
  readonly #slowStart: () => number;
  readonly #lateResult: () => number;
  mostAtWork = 0;

  constructor(clock: VirtualClock, model: PortModel) {
    this.clock = clock;
    this.model = model;
    const seed = model.seed ?? 1;
    this.#startFailure = createRandom(seed);
    this.#slowStart = createRandom(seed + 1);
    this.#lateResult = createRandom(seed + 2);
  }

  /** For `createRouter({ createPort })`. */
  readonly create = (): WorkerPort => {
    const { startMs = 1, startFailures = 0, slowStarts = 0 } = this.model;
    const fails = this.#startFailure() < startFailures;
    const readyMs = this.#slowStart() < slowStarts ? startMs * 100 : startMs;
    const port = new ModelPort(this, readyMs, fails);
    this.all.push(port);
    return port;
  };

  /** Workers that have not died. */
  get alive(): readonly ModelPort[] {
    return this.all.filter((port) => !port.isDead);
  }

  /** Calls that workers have. */
  get atWork(): number {
    return this.all.filter((port) => port.call !== null).length;
  }

  /** Whether a result is sent a second time. */
  sendsTwice(): boolean {
    return this.#lateResult() < (this.model.lateResults ?? 0);
  }
}

/** A worker that is only a model: no thread, all on the virtual clock. */
export class ModelPort implements WorkerPort {
  readonly #world: ModelPorts;
  readonly #readyMs: number;
  readonly #failsToStart: boolean;
  #owner: PortOwner | null = null;
  #isReady = false;
  #isEnding = false;
  readonly #timers: Timer[] = [];
  isDead = false;
  /** The call it has. */
  call: WorkerCall | null = null;
  #service: Service | null = null;

  constructor(world: ModelPorts, readyMs: number, failsToStart: boolean) {
    this.#world = world;
    this.#readyMs = readyMs;
    this.#failsToStart = failsToStart;
  }

  start(owner: PortOwner): void {
    if (this.#owner !== null) this.#violates("start() a second time");
    this.#owner = owner;
    this.#later(this.#readyMs, () => {
      if (this.#failsToStart) return this.die(new Error("model: cannot start"));
      this.#isReady = true;
      owner.ready(this);
    });
  }

  post(call: WorkerCall, _transfer: Transferable[]): void {
    const { clock, model, calls } = this.#world;
    if (!this.#isReady) this.#violates("post() before ready");
    if (this.#isEnding || this.isDead) this.#violates("post() after terminate()");
    if (this.call !== null) this.#violates("post() while it has a call");
    const service = model.serve(call);
    if (service.end === "uncloneable") throw new DOMException("model", "DataCloneError");
    clock.occupy(model.dispatchMs ?? 0);
    this.call = call;
    this.#service = service;
    calls.push(call);
    this.#world.mostAtWork = Math.max(this.#world.mostAtWork, this.#world.atWork);
    this.#later(service.ms, () => this.#end(call, service));
  }

  abort(seq: number): void {
    if (this.isDead) this.#violates("abort() after death");
    this.#world.aborted.push(seq);
    const { call } = this;
    if (call === null || call.seq !== seq) return;
    if (this.#service?.heeds !== true) return;
    this.#later(1, () => this.#end(call, { ms: 0, end: "throw", value: new Error("aborted") }));
  }

  terminate(): void {
    if (this.#isEnding) this.#violates("terminate() a second time");
    this.#isEnding = true;
    this.#later(this.#world.model.endMs ?? 1, () => this.die(new Error("model: terminated")));
  }

  /** Dies now, whatever it does. Only to be called as an event of its own. */
  die(error: Error, isLost = false): void {
    if (this.isDead) return;
    this.isDead = true;
    this.call = null;
    for (const timer of this.#timers) timer.cancel();
    const death: Death = { error, isLost };
    this.#owner?.died(this, death);
  }

  #end(call: WorkerCall, service: Service): void {
    if (this.call !== call) return;
    const { end = "ok", value, ms } = service;
    if (end === "crash" || end === "lost") {
      return this.die(new Error("model: crash"), end === "lost");
    }
    this.call = null;
    const tell = () => this.#owner!.result(this, call.seq, end === "ok", value, ms);
    if (this.#world.sendsTwice()) this.#later(2, tell);
    tell();
  }

  #later(ms: number, fn: () => void): void {
    this.#timers.push(this.#world.clock.setTimer(ms, fn, undefined));
  }

  #violates(what: string): void {
    this.#world.violations.push(what);
  }
}
