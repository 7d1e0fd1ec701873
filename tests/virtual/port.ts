import type { Timer } from "../../src/clock.ts";
import type { PortOwner, WorkerCall, WorkerPort } from "../../src/runtime/port.ts";
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
  /** What a call does; asked when it is sent. */
  readonly serve: (call: WorkerCall) => Service;
  /** Told when a call begins to run. */
  readonly begin?: (call: WorkerCall) => void;
  /** Calls that a worker holds at most; at 1 none is handed ahead. @default {4} */
  readonly depth?: number;
  /** Bytes by which each call makes the heap grow; not told when absent. */
  readonly heapPerCall?: number;
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
  /** Calls, in the order they began to run. */
  readonly begun: WorkerCall[] = [];
  /** Numbers of aborted calls. */
  readonly aborted: number[] = [];
  /** Numbers of calls that were taken back. */
  readonly revoked: number[] = [];
  /** What the router did that it must not. */
  readonly violations: string[] = [];
  readonly #startFailure: () => number;
  readonly #slowStart: () => number;
  readonly #lateResult: () => number;
  /** The most calls that ran at a time. */
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

  /** Calls that run. */
  get atWork(): number {
    return this.all.filter((port) => port.call !== null).length;
  }

  /** Calls that have begun though the router still takes them for waiting behind another. */
  get unheard(): number {
    return this.all.reduce((sum, port) => sum + port.unheard, 0);
  }

  /** A call begins. */
  began(call: WorkerCall): void {
    this.begun.push(call);
    this.mostAtWork = Math.max(this.mostAtWork, this.atWork);
    this.model.begin?.(call);
  }

  /** Whether a result is sent a second time. */
  sendsTwice(): boolean {
    return this.#lateResult() < (this.model.lateResults ?? 0);
  }
}

/** A call that a worker holds. */
interface Held {
  readonly call: WorkerCall;
  readonly sentAtMs: number;
  service: Service;
  hasBegun: boolean;
  endsAtMs: number;
}

/**
 * A worker that is only a model: no thread, all on the virtual clock. Like a real one it goes from
 * call to call by itself, even while the router's thread is occupied and hears of it only later.
 */
export class ModelPort implements WorkerPort {
  readonly #world: ModelPorts;
  readonly #readyMs: number;
  readonly #failsToStart: boolean;
  #owner: PortOwner | null = null;
  #isReady = false;
  #isEnding = false;
  /** It takes no more calls, though its last results are still being told. */
  #isGone = false;
  readonly #timers: Timer[] = [];
  /** Calls it holds; the first one runs. */
  readonly #held: Held[] = [];
  #told = 0;
  isDead = false;

  constructor(world: ModelPorts, readyMs: number, failsToStart: boolean) {
    this.#world = world;
    this.#readyMs = readyMs;
    this.#failsToStart = failsToStart;
  }

  /** The call that runs. */
  get call(): WorkerCall | null {
    return this.#held[0]?.call ?? null;
  }

  /** Calls behind the first one that have begun, as the router has not heard of its end. */
  get unheard(): number {
    return this.#held.filter(({ hasBegun }, place) => hasBegun && place > 0).length;
  }

  get room(): number {
    if (!this.#isReady || this.#isEnding || this.#isGone) return 0;
    return (this.#world.model.depth ?? 4) - this.#held.length;
  }

  get hasResults(): boolean {
    this.#goOn();
    return this.#ended().length > 0;
  }

  get isRunning(): boolean {
    this.#goOn();
    return this.#held[0]?.hasBegun ?? false;
  }

  get heapBytes(): number {
    return this.#told * (this.#world.model.heapPerCall ?? NaN);
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
    else if (this.#isEnding) this.#violates("post() after terminate()");
    else if (this.#isGone) this.#violates("post() after the last results");
    else if (this.room < 1) this.#violates("post() without room");
    if (calls.some(({ seq }) => seq === call.seq)) this.#violates("a number was used twice");
    const service = model.serve(call);
    if (service.end === "uncloneable") throw new DOMException("model", "DataCloneError");
    clock.occupy(model.dispatchMs ?? 0);
    calls.push(call);
    const sentAtMs = clock.now();
    this.#held.push({ call, sentAtMs, service, hasBegun: false, endsAtMs: NaN });
    this.#goOn();
    if (this.#held.length === 1) this.#plan();
  }

  revoke(seq: number): boolean {
    if (this.isDead) this.#violates("revoke() after death");
    this.#goOn();
    const place = this.#held.findIndex((held) => held.call.seq === seq);
    if (place === -1 || this.#held[place].hasBegun) return false;
    this.#held.splice(place, 1);
    this.#world.revoked.push(seq);
    return true;
  }

  poll(): void {
    if (this.isDead) this.#violates("poll() after death");
    if (this.#isGone) return;
    this.#goOn();
    this.#tellAll(this.#ended());
    this.#plan();
  }

  abort(seq: number): void {
    if (this.isDead) this.#violates("abort() after death");
    this.#world.aborted.push(seq);
    this.#goOn();
    const held = this.#held.find(({ call }) => call.seq === seq);
    if (held?.hasBegun !== true || held.service.heeds !== true) return;
    const endsAtMs = this.#world.clock.now() + 1;
    if (held.endsAtMs <= endsAtMs) return;
    held.endsAtMs = endsAtMs;
    held.service = { ms: 0, end: "throw", value: new Error("aborted") };
    this.#plan();
  }

  terminate(): void {
    if (this.#isEnding) this.#violates("terminate() a second time");
    this.#isEnding = true;
    this.#later(this.#world.model.endMs ?? 1, () => this.die(new Error("model: terminated")));
  }

  /** Dies now, whatever it does. Only to be called as an event of its own. */
  die(error: Error, isLost = false): void {
    this.#hear({ error, isLost });
  }

  /** Lets begin what it has come to by now, whether or not the router has heard of it. */
  #goOn(): void {
    if (this.#isGone) return;
    const nowMs = this.#world.clock.now();
    let freeAtMs = -Infinity;
    for (const held of this.#held) {
      const beginsAtMs = Math.max(freeAtMs, held.sentAtMs);
      if (!held.hasBegun) {
        if (beginsAtMs > nowMs) return;
        held.hasBegun = true;
        held.endsAtMs = beginsAtMs + held.service.ms;
        this.#world.began(held.call);
      }
      if (isKiller(held)) return;
      freeAtMs = held.endsAtMs;
    }
  }

  /** Calls that have ended by now and are not told. */
  #ended(): Held[] {
    const nowMs = this.#world.clock.now();
    return this.#held.filter((held) => held.endsAtMs <= nowMs && !isKiller(held));
  }

  /** Tells what has ended by now, then its death: of a call that kills, or of `cause`. */
  #hear(cause: { readonly error: Error; readonly isLost: boolean } | null): void {
    if (this.#isGone) return;
    this.#goOn();
    const ended = this.#ended();
    const running = this.#held.find((held) => held.hasBegun && !ended.includes(held));
    if (running !== undefined && isKiller(running) && running.endsAtMs <= this.#world.clock.now()) {
      cause = { error: new Error("model: crash"), isLost: running.service.end === "lost" };
    }
    this.#isGone = cause !== null;
    this.#tellAll(ended);
    if (cause === null) return this.#plan();
    this.isDead = true;
    this.#held.length = 0;
    for (const timer of this.#timers) timer.cancel();
    this.#owner?.died(this, { ...cause, seq: running?.call.seq ?? 0 });
  }

  #tellAll(ended: readonly Held[]): void {
    if (ended.length > 0) this.#owner!.arrived(this, this.#isGone);
    for (const held of ended) {
      // Whoever hears of one may ask for all that are there.
      if (this.#held[0] !== held) continue;
      this.#held.shift();
      this.#tell(held);
    }
  }

  #tell({ call, service: { end = "ok", value, ms } }: Held): void {
    const tell = () => this.#owner!.result(this, call.seq, end === "ok", value, ms);
    if (this.#world.sendsTwice()) {
      this.#later(2, () => {
        this.#owner!.arrived(this, false);
        tell();
      });
    }
    this.#told++;
    tell();
  }

  /** Looks at the first call when it ends. */
  #plan(): void {
    const first = this.#held[0];
    if (first === undefined) return;
    const delayMs = Math.max(0, first.endsAtMs - this.#world.clock.now());
    this.#later(delayMs, () => this.#hear(null));
  }

  #later(ms: number, fn: () => void): void {
    this.#timers.push(this.#world.clock.setTimer(ms, fn, undefined));
  }

  #violates(what: string): void {
    this.#world.violations.push(what);
  }
}

/** Whether its worker dies when it ends. */
function isKiller({ service }: Held): boolean {
  return service.end === "crash" || service.end === "lost";
}
