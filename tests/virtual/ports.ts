import type { WorkerPort } from "../../src/transport/port.ts";
import type { WorkerCall } from "../../src/worker_call.ts";
import type { WatchedClock } from "./clock.ts";
import { ModelPort } from "./port.ts";
import type { PortModel } from "./port_model.ts";
import { createRandom } from "./random.ts";

/** The workers of one world: makes them, counts them, and notes whatever breaks the port's contract. */
export class ModelPorts {
  readonly clock: WatchedClock;
  readonly model: PortModel;
  readonly all: ModelPort[] = [];
  /** Calls, in the order they were sent. */
  readonly calls: WorkerCall[] = [];
  readonly #numbers = new Set<number>();
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

  constructor(clock: WatchedClock, model: PortModel) {
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

  /** Workers whose threads have not ended, though they are dead. */
  get lost(): readonly ModelPort[] {
    return this.all.filter((port) => port.isLost);
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

  /** Whether a call had this number. */
  isUsed(seq: number): boolean {
    return this.#numbers.has(seq);
  }

  /** A call has been sent. */
  sent(call: WorkerCall): void {
    this.calls.push(call);
    this.#numbers.add(call.seq);
  }

  /** Whether a result is sent a second time. */
  sendsTwice(): boolean {
    return this.#lateResult() < (this.model.lateResults ?? 0);
  }
}
