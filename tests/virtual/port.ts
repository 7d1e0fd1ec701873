import type { Timer } from "../../src/clock.ts";
import type { PortOwner, WorkerPort } from "../../src/transport/port.ts";
import type { WorkerCall } from "../../src/worker_call.ts";
import type { Service } from "./port_model.ts";
import type { ModelPorts } from "./ports.ts";

/** A call that a worker holds. */
interface Held {
  readonly call: WorkerCall;
  /** When the worker can begin it, unless it is on another one. */
  readonly arrivesAtMs: number;
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
  /** When it looks next at the call that runs. */
  #plannedAtMs = NaN;
  #planned: Timer | null = null;
  /** Calls it holds; the first one runs. */
  readonly #held: Held[] = [];
  #told = 0;
  isDead = false;
  /** Whether its thread has not ended, though it is dead. */
  isLost = false;

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
    const { clock, model } = this.#world;
    if (!this.#isReady) this.#violates("post() before ready");
    else if (this.#isEnding) this.#violates("post() after terminate()");
    else if (this.#isGone) this.#violates("post() after the last results");
    else if (this.room < 1) this.#violates("post() without room");
    if (this.#world.isUsed(call.seq)) this.#violates("a number was used twice");
    const service = model.serve(call);
    if (service.end === "uncloneable") throw new DOMException("model", "DataCloneError");
    clock.occupy(model.dispatchMs ?? 0);
    this.#world.sent(call);
    const arrivesAtMs = clock.now() + (this.#held.length === 0 ? model.wakeMs ?? 0 : 0);
    this.#held.push({ call, arrivesAtMs, service, hasBegun: false, endsAtMs: NaN });
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
    this.#later(this.#world.model.endMs ?? 1, () => {
      this.#goOn();
      const running = this.#held.find((held) => held.hasBegun && !this.#ended().includes(held));
      this.die(new Error("model: terminated"), running?.service.end === "lost");
    });
  }

  release(): void {
    this.#isGone = true;
    this.isDead = true;
    this.#forget();
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
      const beginsAtMs = Math.max(freeAtMs, held.arrivesAtMs);
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
    const isBusy = ended.length < this.#held.length;
    const losesThem = cause !== null && this.#world.model.losesUntold === true;
    const isQuiet = cause === null && isBusy && this.#world.model.isQuiet === true;
    if (!losesThem && !isQuiet) this.#tellAll(ended);
    if (cause === null) return this.#plan();
    const untold = losesThem ? ended.map(({ call }) => call.seq) : [];
    this.isDead = true;
    this.#forget();
    this.isLost = cause.isLost;
    const { returnMs } = this.#world.model;
    if (this.isLost && returnMs !== undefined) {
      this.#later(returnMs, () => {
        this.isLost = false;
        this.#owner!.returned(this);
      });
    }
    this.#owner?.died(this, { ...cause, seq: running?.call.seq ?? 0, untold });
  }

  #tellAll(ended: readonly Held[]): void {
    const nowMs = this.#world.clock.now();
    for (const held of ended) {
      // Whoever hears of one may ask for all that are there.
      if (this.#held[0] !== held) continue;
      this.#held.shift();
      this.#tell(held, nowMs);
    }
  }

  #tell({ call, service: { end = "ok", value, ms } }: Held, nowMs: number): void {
    const tell = (heardAtMs: number) =>
      this.#owner!.result(this, call.seq, end === "ok", value, ms, ms, heardAtMs);
    if (this.#world.sendsTwice()) this.#later(2, () => tell(this.#world.clock.now()));
    this.#told++;
    tell(nowMs);
  }

  /** Looks at the call that runs when it ends, or at the next one when it begins. */
  #plan(): void {
    const nowMs = this.#world.clock.now();
    const next = this.#held.find(({ endsAtMs }) => !(endsAtMs <= nowMs)) ?? this.#held[0];
    if (next === undefined) return;
    const atMs = Math.max(nowMs, next.hasBegun ? next.endsAtMs : next.arrivesAtMs);
    if (this.#plannedAtMs === atMs) return;
    this.#planned?.cancel();
    this.#plannedAtMs = atMs;
    this.#planned = this.#world.clock.at(atMs, () => this.#look(), undefined);
  }

  #look(): void {
    this.#plannedAtMs = NaN;
    this.#planned = null;
    this.#hear(null);
  }

  /** Holds nothing any more, and tells nothing. */
  #forget(): void {
    this.#held.length = 0;
    this.#planned?.cancel();
    for (const timer of this.#timers) timer.cancel();
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
