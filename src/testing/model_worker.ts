import type { PortFactory, PortOwner, WorkerCall, WorkerPort } from "../../mod.ts";
import type { Due } from "./event_heap.ts";
import type { Thread } from "./thread.ts";
import type { Machine } from "./machine.ts";
import { machineOf, type VirtualClock } from "./virtual_clock.ts";

/** What a call does in a modelled worker. */
export interface ModelledRun {
  /** Time its function needs a core until it returns, in ms. */
  readonly busyMs: number;
  /** Time it then waits, in ms, without a core; 0 if its function is synchronous. */
  readonly waitMs: number;
  /** Time it needs a core after a wait, in ms. */
  readonly afterMs: number;
  /** How it ends; with `crash` its worker dies. */
  readonly end: "ok" | "throw" | "crash";
  /** Its output, or what it throws. */
  readonly value: unknown;
}

/** How modelled workers behave. Times are in ms. */
export interface WorkerModel {
  /** What a call does; asked when it begins. */
  readonly run: (call: WorkerCall, nowMs: number) => ModelledRun;
  /** Told when a call that began has ended, also if it crashed or its worker was terminated. */
  readonly ended?: (call: WorkerCall) => void;
  /** Time that a start needs a core. @default {40} */
  readonly startMs?: number;
  /** Time that sending a call takes on the router's thread. @default {0} */
  readonly dispatchMs?: number;
  /** Time that reading a result takes on the router's thread. @default {0} */
  readonly resultMs?: number;
  /** Time from a call to a worker that sleeps until it wakes. @default {0} */
  readonly wakeMs?: number;
  /** Number of calls that a worker holds at most. @default {256} */
  readonly depth?: number;
}

/** A call that a worker holds. */
class Held {
  readonly call: WorkerCall;
  run: ModelledRun | null = null;
  beganAtMs = NaN;
  endedAtMs = NaN;
  /** Time it has kept its thread. */
  keptMs = 0;
  heldSinceMs = NaN;

  constructor(call: WorkerCall) {
    this.call = call;
  }
}

const END_MS = 1;

/**
 * Creates modelled workers, for `createRouter({ clock, createPort })`.
 *
 * @param clock The clock that the router has, too.
 * @param model How they behave.
 * @returns The factory.
 */
export function modelWorkers(clock: VirtualClock, model: WorkerModel): PortFactory {
  return () => new ModelWorker(clock, model);
}

/**
 * A worker that is a model: a thread of a modelled machine, which runs the calls it holds one after the
 * other, whether or not the router's thread has time to hear of it.
 */
class ModelWorker implements WorkerPort, Thread {
  needMs = NaN;
  hadMs = 0;
  sinceMs = 0;
  sinceDoneMs = 0;
  coreSinceMs = 0;
  end: Due | null = null;
  readonly keepsCore = false;
  readonly #clock: VirtualClock;
  readonly #machine: Machine;
  readonly #model: WorkerModel;
  #owner: PortOwner | null = null;
  #state: "starting" | "ready" | "ending" | "dead" = "starting";
  /** Calls it holds, in order: those that have ended, the one that runs, those that wait. */
  readonly #held: Held[] = [];
  /** Index of the call that runs, or is the next to run. */
  #at = 0;
  #isAsleep = true;
  #hasBell = false;
  #pause: Due | null = null;
  /** Whether the call that runs has begun to wait, or has waited. */
  #hasWaited = false;

  constructor(clock: VirtualClock, model: WorkerModel) {
    this.#clock = clock;
    this.#machine = machineOf(clock);
    this.#model = model;
  }

  get room(): number {
    return this.#state === "ready" ? (this.#model.depth ?? 256) - this.#held.length : 0;
  }

  get hasResults(): boolean {
    return this.#at > 0;
  }

  get isRunning(): boolean {
    const oldest = this.#held[0];
    return oldest !== undefined && oldest.beganAtMs >= 0;
  }

  get heapBytes(): number {
    return NaN;
  }

  start(owner: PortOwner): void {
    this.#owner = owner;
    this.#isAsleep = false;
    this.#pause = this.#machine.at(this.#machine.nowMs, startUp, this);
  }

  /** Its thread begins to start. */
  startUp(): void {
    this.#pause = null;
    this.#machine.wake(this, this.#model.startMs ?? 40);
  }

  post(call: WorkerCall): void {
    this.#clock.occupy(this.#model.dispatchMs ?? 0);
    this.#held.push(new Held(call));
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    const machine = this.#machine;
    this.#pause = machine.at(machine.nowMs + (this.#model.wakeMs ?? 0), awaken, this);
  }

  /** A message has woken its thread. */
  awaken(): void {
    this.#pause = null;
    const needMs = this.#begin();
    if (needMs >= 0) this.#machine.wake(this, needMs);
  }

  revoke(seq: number): boolean {
    for (let i = this.#held.length - 1; i >= this.#at; i--) {
      const held = this.#held[i];
      if (held.call.seq !== seq) continue;
      if (held.beganAtMs >= 0) return false;
      this.#held.splice(i, 1);
      return true;
    }
    return false;
  }

  poll(): void {
    while (this.#at > 0) {
      const { call, run, beganAtMs, endedAtMs, keptMs } = this.#held.shift()!;
      this.#at--;
      this.#clock.occupy(this.#model.resultMs ?? 0);
      const { end, value } = run!;
      const nowMs = this.#clock.now();
      const runMs = endedAtMs - beganAtMs;
      this.#owner!.result(this, call.seq, end === "ok", value, runMs, keptMs, nowMs);
    }
  }

  abort(): void {
    // Modelled jobs do not look at their signal.
  }

  terminate(): void {
    if (this.#state === "dead") return;
    this.#state = "ending";
    this.#clock.at(this.#clock.now() + END_MS, terminated, this);
  }

  release(): void {
    this.#stop();
  }

  /** Its work has ended: of its start, or of a phase of a call. */
  next(): number {
    const machine = this.#machine;
    const held = this.#held[this.#at];
    if (held === undefined) { // it holds none before it is ready
      this.#clock.at(machine.nowMs, ready, this);
      this.#isAsleep = true;
      return NaN;
    }
    const { waitMs, end } = held.run!;
    held.keptMs += machine.nowMs - held.heldSinceMs;
    if (waitMs > 0 && !this.#hasWaited) {
      this.#hasWaited = true;
      this.#pause = machine.at(machine.nowMs + waitMs, resume, this);
      return NaN;
    }
    this.#hasWaited = false;
    held.endedAtMs = machine.nowMs;
    this.#model.ended?.(held.call);
    if (end === "crash") {
      this.#clock.at(machine.nowMs, crashed, this);
      return NaN;
    }
    this.#at++;
    this.#ring();
    return this.#begin();
  }

  /** The wait of the call that runs is over. */
  resume(): void {
    this.#pause = null;
    const machine = this.#machine;
    const held = this.#held[this.#at];
    held.heldSinceMs = machine.nowMs;
    machine.wake(this, held.run!.afterMs);
  }

  /** Begins the next call; returns how long it needs a core, `NaN` if there is none. */
  #begin(): number {
    const held = this.#held[this.#at];
    if (held === undefined) {
      this.#isAsleep = true;
      return NaN;
    }
    const { nowMs } = this.#machine;
    held.run = this.#model.run(held.call, nowMs);
    held.beganAtMs = nowMs;
    held.heldSinceMs = nowMs;
    return held.run.busyMs;
  }

  /** Tells the router that there are results, unless it has been told. */
  #ring(): void {
    if (this.#hasBell) return;
    this.#hasBell = true;
    this.#clock.at(this.#machine.nowMs, hear, this);
  }

  /** A turn of the event loop has come in which results are read. */
  hear(): void {
    this.#hasBell = false;
    if (this.#state !== "dead") this.poll();
  }

  /** A turn in which the router hears that the worker is ready. */
  ready(): void {
    if (this.#state !== "starting") return;
    this.#state = "ready";
    this.#owner!.ready(this);
  }

  /** Dies: `error` is why. Results that are there are told first. */
  die(error: Error): void {
    if (this.#state === "dead") return;
    this.#state = "ending"; // no room
    this.poll();
    const seq = this.#running()?.call.seq ?? 0;
    if (this.#stop()) this.#owner!.died(this, { error, isLost: false, seq });
  }

  /** The call that it has begun and not told the end of. */
  #running(): Held | undefined {
    const held: Held | undefined = this.#held[this.#at];
    return held !== undefined && held.beganAtMs >= 0 ? held : undefined;
  }

  /** Stops its thread for good; returns whether it had not been stopped. */
  #stop(): boolean {
    if (this.#state === "dead") return false;
    this.#state = "dead";
    this.#pause?.cancel();
    this.#machine.end(this);
    const running = this.#running();
    if (running !== undefined && !(running.endedAtMs >= 0)) this.#model.ended?.(running.call);
    this.#held.length = 0;
    this.#at = 0;
    return true;
  }
}

const startUp = (worker: ModelWorker): void => worker.startUp();
const awaken = (worker: ModelWorker): void => worker.awaken();
const resume = (worker: ModelWorker): void => worker.resume();
const hear = (worker: ModelWorker): void => worker.hear();
const ready = (worker: ModelWorker): void => worker.ready();
const terminated = (worker: ModelWorker): void =>
  worker.die(new Error("The worker was terminated"));
const crashed = (worker: ModelWorker): void => worker.die(new Error("The modelled worker crashed"));
