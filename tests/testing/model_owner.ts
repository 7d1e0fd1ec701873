import assert from "node:assert/strict";
import type { PortOwner, WorkerPort } from "../../mod.ts";
import type { Death } from "../../src/transport/port.ts";
import {
  type ModelledRun,
  modelWorkers,
  VirtualClock,
  type VirtualClockOptions,
  type WorkerModel,
} from "../../src/testing/mod.ts";

/** What a call of these tests carries: what it does. */
export type Work = Partial<ModelledRun>;

/** What a port has said, and when. */
export interface Said {
  readonly what: "ready" | "result" | "died";
  readonly atMs: number;
  readonly seq?: number;
  readonly ok?: boolean;
  readonly value?: unknown;
  readonly runMs?: number;
  readonly busyMs?: number;
  readonly death?: Death;
}

/** Owns one modelled worker, and keeps all that it says. */
export class ModelOwner implements PortOwner {
  readonly clock: VirtualClock;
  readonly port: WorkerPort;
  readonly said: Said[] = [];
  /** Numbers of the calls that the model was told the end of. */
  readonly ended: number[] = [];
  /** When each call began. */
  readonly begunAtMs: number[] = [];
  /** Called in each result. */
  onResult: (seq: number) => void = () => {};
  #seq = 0;
  #returned = true;

  constructor(model: Partial<WorkerModel> = {}, options: VirtualClockOptions = {}) {
    this.clock = new VirtualClock({ wakeMs: model.wakeMs ?? 0, ...options });
    const createPort = modelWorkers(this.clock, {
      run: ({ seq, payload }, nowMs) => {
        this.begunAtMs[seq] = nowMs;
        const usual = { busyMs: 1, waitMs: 0, afterMs: 0, end: "ok", value: seq } as const;
        return { ...usual, ...payload as Work };
      },
      ended: ({ seq }) => this.ended.push(seq),
      startMs: 40,
      ...model,
    });
    this.port = createPort();
    this.#without(() => this.port.start(this));
  }

  /** An owner whose worker is ready. */
  static ready(model?: Partial<WorkerModel>, options?: VirtualClockOptions): ModelOwner {
    const owner = new ModelOwner(model, options);
    owner.clock.run();
    assert.deepEqual(owner.words, ["ready"]);
    return owner;
  }

  ready(port: WorkerPort): void {
    this.#note(port, { what: "ready", atMs: this.clock.now() });
  }

  result(
    port: WorkerPort,
    seq: number,
    ok: boolean,
    value: unknown,
    runMs: number,
    busyMs: number,
    heardAtMs: number,
  ): void {
    assert.equal(heardAtMs, this.clock.now());
    this.#note(port, { what: "result", atMs: heardAtMs, seq, ok, value, runMs, busyMs });
    this.onResult(seq);
  }

  progress(): void {
    assert.fail("modelled jobs report no progress");
  }

  died(port: WorkerPort, death: Death): void {
    assert.ok(!this.words.includes("died"), "died comes once");
    this.#note(port, { what: "died", atMs: this.clock.now(), death });
  }

  returned(): void {
    assert.fail("no thread is lost");
  }

  get words(): string[] {
    return this.said.map(({ what }) => what);
  }

  /** Numbers of the calls with a result, in order. */
  get answered(): number[] {
    return this.said.flatMap(({ seq }) => seq ?? []);
  }

  /** Posts a call, and gives its number. */
  post(work: Work = {}): number {
    const seq = ++this.#seq;
    this.#without(() => this.port.post({ seq, kind: "work", isBatch: false, payload: work }, []));
    return seq;
  }

  terminate(): void {
    this.#without(() => this.port.terminate());
  }

  /** Nothing but `poll()` may call the owner back before it returns. */
  #without(method: () => void): void {
    const before = this.#returned;
    this.#returned = false;
    method();
    this.#returned = before;
  }

  #note(port: WorkerPort, said: Said): void {
    assert.ok(this.#returned, `${said.what} came from inside a method`);
    assert.equal(port, this.port);
    this.said.push(said);
  }
}
