import assert from "node:assert/strict";
import type { Movable } from "../../src/define/jobs.ts";
import type { Death, PortFactory, PortOwner, WorkerPort } from "../../src/transport/port.ts";
import { createFlags, isUp, raise, RELEASED, STARTED } from "../fixtures/flags.ts";
import { until } from "../fixtures/until.ts";

type Said =
  | { readonly what: "ready" }
  | {
    readonly what: "result";
    readonly seq: number;
    readonly ok: boolean;
    readonly value: unknown;
    readonly runMs: number;
    readonly busyMs: number;
  }
  | { readonly what: "progress"; readonly seq: number; readonly value: unknown }
  | { readonly what: "died"; readonly death: Death }
  | { readonly what: "returned" };

/** Owns one port, keeps all that it says, and waits for it. */
export class Owner implements PortOwner {
  readonly port: WorkerPort;
  readonly said: Said[] = [];
  #seq = 0;
  /** When the last result was heard. */
  #heardAtMs = 0;

  constructor(createPort: PortFactory) {
    this.port = createPort();
    let returned = false;
    this.#mustHaveReturned = () => assert.ok(returned, "The port called its owner from start()");
    this.port.start(this);
    returned = true;
  }

  #mustHaveReturned: () => void;

  ready(port: WorkerPort): void {
    this.#note(port, { what: "ready" });
  }

  progress(port: WorkerPort, seq: number, value: unknown): void {
    this.#note(port, { what: "progress", seq, value });
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
    const nowMs = performance.now();
    assert.ok(heardAtMs >= this.#heardAtMs && heardAtMs <= nowMs, `heard at ${heardAtMs}`);
    this.#heardAtMs = heardAtMs;
    this.#note(port, { what: "result", seq, ok, value, runMs, busyMs });
  }

  died(port: WorkerPort, death: Death): void {
    this.#note(port, { what: "died", death });
  }

  returned(port: WorkerPort): void {
    const last = this.said.at(-1);
    assert.ok(last?.what === "died" && last.death.isLost, "only a lost thread returns, and once");
    this.#note(port, { what: "returned" });
  }

  #note(port: WorkerPort, said: Said): void {
    this.#mustHaveReturned();
    assert.equal(port, this.port);
    this.said.push(said);
  }

  get words(): string[] {
    return this.said.map(({ what }) => what);
  }

  async untilReady(): Promise<void> {
    await until(() => this.said.length > 0);
    assert.deepEqual(this.said, [{ what: "ready" }]);
  }

  async untilDead(): Promise<Death> {
    await until(() => this.words.includes("died"));
    const last = this.said.at(-1)!;
    assert.equal(last.what, "died");
    return last.what === "died" ? last.death : assert.fail();
  }

  /** Numbers of the calls with a result, in order. */
  get answered(): number[] {
    return this.said.flatMap((said) => said.what === "result" ? [said.seq] : []);
  }

  /** Posts a call that keeps the worker busy until its flags are released, and waits until it does. */
  async occupy(): Promise<{ seq: number; release: () => void }> {
    const flags = createFlags();
    const seq = this.post("hold", flags);
    await until(() => isUp(flags, STARTED));
    return { seq, release: () => raise(flags, RELEASED) };
  }

  /** Posts a call and gives its number. */
  post(kind: string, payload: unknown, transfer: Movable[] = [], isBatch = false): number {
    this.port.post({ seq: ++this.#seq, kind, isBatch, payload }, transfer);
    return this.#seq;
  }

  /** The result of call `seq`. */
  async resultOf(seq: number): Promise<Said & { what: "result" }> {
    const find = () => this.said.find((said) => said.what === "result" && said.seq === seq);
    await until(() => find() !== undefined || this.words.includes("died"));
    return find() as Said & { what: "result" } ?? assert.fail("The worker died");
  }

  /** Posts a call that must succeed, and gives its output. */
  async run(kind: string, payload: unknown, transfer?: Movable[]): Promise<unknown> {
    const { ok, value } = await this.resultOf(this.post(kind, payload, transfer));
    assert.equal(ok, true, `${kind} failed: ${value}`);
    return value;
  }
}
