import assert from "node:assert/strict";
import type { JobContext } from "../../../src/define/jobs.ts";
import type { LineOwner } from "../../../src/transport/line.ts";
import { PENDING } from "../../../src/transport/call_states.ts";
import { resultsIn } from "../../../src/transport/protocol.ts";
import { CALLS, judge, kindsOf, payloadOf, type Sent, tracesOf } from "./ring_calls.ts";
import { ACTIONS, type Step } from "./ring_plan.ts";
import { RingWorld, type Side } from "./ring_world.ts";

interface Pending {
  readonly sent: Sent;
  readonly context: JobContext;
  readonly settle: (ok: boolean) => void;
}

/** Plays steps on a ring, and holds that every call has the end it must have. */
export class RingModel implements LineOwner {
  readonly #world: RingWorld;
  readonly #calls: Sent[] = [];
  #pending: Pending | null = null;
  /** How many calls the next results bring along. */
  #chain = 0;
  #heardAtMs = 0;
  /** Whether all that was posted is answered, as the line has told. */
  #isDrained = true;
  /** The oldest calls that may still be answered, and run. */
  #oldest = 0;
  #nextRun = 0;

  constructor(cores: number) {
    const kinds = kindsOf(
      (payload, context) => this.#begin(payload, context),
      (sent, context) => this.#beginLater(sent, context),
    );
    this.#world = new RingWorld(kinds, this, cores);
  }

  /** Plays a plan; `crossings` are steps of the other side, each so many atomic operations later. */
  play(plan: readonly Step[], crossings: readonly (Step & { readonly after: number })[]): void {
    const world = this.#world;
    let next = 0;
    let wait = crossings[0]?.after ?? Infinity;
    world.onAtomic = (other) => {
      if (next === crossings.length || wait-- > 0) return;
      const { pick } = crossings[next++];
      wait = crossings[next]?.after ?? Infinity;
      const actions = ACTIONS[other];
      this.#step({ do: actions[pick % actions.length], pick });
    };
    world.play(() => {
      for (const step of plan) this.#step(step);
      this.#finish();
    });
  }

  drained(): void {
    assert.equal(this.#world.line.sent.size, 0);
    this.#isDrained = true;
  }

  result(
    seq: number,
    ok: boolean,
    value: unknown,
    runMs: number,
    busyMs: number,
    heardAtMs: number,
  ): void {
    const calls = this.#calls;
    while (calls[this.#oldest]?.isRevoked || calls[this.#oldest]?.isAnswered) this.#oldest++;
    const sent = calls[this.#oldest];
    assert.ok(sent !== undefined, "a result too many");
    assert.equal(seq, sent.seq, "not the oldest call's result");
    assert.ok(heardAtMs >= this.#heardAtMs && heardAtMs <= this.#world.nowMs);
    this.#heardAtMs = heardAtMs;
    assert.ok(runMs >= 0 && runMs < 1e6);
    assert.ok(!ok || (busyMs >= 0 && busyMs <= runMs));
    sent.isAnswered = true;
    judge(sent, ok, value);
    if (this.#chain === 0) return;
    this.#chain--;
    this.#post(seq);
  }

  #step({ do: action, pick }: Step): void {
    const world = this.#world;
    switch (action) {
      case "post":
        return this.#post(pick);
      case "postMany":
        for (let i = 0; i < 60; i++) this.#post(pick);
        return;
      case "submit":
        this.#post(pick);
        return void world.runMicrotask();
      case "postUnsendable":
        return this.#postUnsendable();
      case "chain":
        this.#chain = pick % 10;
        return;
      case "flush":
        return void world.runMicrotask();
      case "hearRouter":
      case "garbleRouter":
        return this.#hear("router", action === "garbleRouter");
      case "hearWorker":
      case "garbleWorker":
        return this.#hear("worker", action === "garbleWorker");
      case "revoke":
        return this.#revoke(pick);
      case "abort":
        return this.#abort(pick);
      case "timer":
        return void world.runTimer();
      case "look":
        return void world.runTurn("router");
      case "poll":
        return world.as("router", () => {
          if (world.line.hasResults) world.line.poll();
        });
      case "turn":
        return void world.runTurn("worker");
      case "succeed":
      case "fail":
        return this.#settle(action === "succeed");
      case "pass":
        world.nowMs += pick % 2 === 0 ? 1 : 30;
    }
  }

  #post(pick: number): void {
    const { line } = this.#world;
    if (line.room === 0) return;
    const seq = this.#calls.length + 1;
    const [kind, form] = CALLS[pick % CALLS.length].split(" ");
    const { payload, transfer } = payloadOf(form, seq);
    this.#calls.push({
      seq,
      kind,
      payload: structuredClone(payload),
      isRevoked: false,
      isAborted: false,
      isAbortedEarly: false,
      hasRun: false,
      isAnswered: false,
      isInputGarbled: false,
      isOutputGarbled: false,
      wasFailed: false,
    });
    this.#isDrained = false;
    this.#world.as("router", () => {
      const traces = tracesOf(seq);
      line.post({ seq, kind, isBatch: kind === "batch", payload, traces }, transfer);
    });
  }

  /** Nothing comes of it, for the calls before and after it neither. */
  #postUnsendable(): void {
    const { line } = this.#world;
    if (line.room === 0) return;
    const call = { seq: -1, kind: "echo", isBatch: false, payload: () => {}, traces: undefined };
    this.#world.as(
      "router",
      () => assert.throws(() => line.post(call, []), { name: "DataCloneError" }),
    );
  }

  #hear(side: Side, isGarbled: boolean): void {
    const input = side === "worker" ? this.#world.toWorker[0]?.message : undefined;
    const output = side === "router" ? this.#world.toRouter[0]?.message : undefined;
    if (isGarbled && input?.type === "mail") this.#calls[input.call].isInputGarbled = true;
    const told = output === undefined ? null : resultsIn(output);
    if (isGarbled && told !== null) this.#calls[told.call].isOutputGarbled = true;
    this.#world.deliver(side, isGarbled);
  }

  #revoke(pick: number): void {
    const open = this.#calls.filter((call) => !call.isAnswered && !call.isRevoked);
    const sent = open[pick % open.length];
    if (sent === undefined) return;
    this.#world.as("router", () => {
      if (this.#world.line.sent.revoke(sent.seq)) sent.isRevoked = true;
    });
    assert.ok(!(sent.isRevoked && sent.hasRun), "it was run and could be taken back");
  }

  #abort(pick: number): void {
    const open = this.#calls.filter((call) => !call.isAnswered && !call.isRevoked);
    const sent = open[pick % open.length];
    if (sent === undefined) return;
    this.#world.as("router", () => {
      const call = this.#world.line.sent.abort(sent.seq);
      if (call === undefined) return;
      if (this.#world.exchanged === PENDING) {
        sent.isAbortedEarly = true;
        assert.ok(!sent.hasRun, "it was run and is still to come");
      } else if (!sent.isAbortedEarly) sent.isAborted = true;
      if (this.#pending?.sent === sent) assert.ok(this.#pending.context.isAborted());
      this.#world.toWorker.push({ message: { type: "abort", call }, isGarbled: false });
    });
  }

  #settle(ok: boolean): void {
    const pending = this.#pending;
    if (pending === null) return;
    this.#pending = null;
    if (!ok) pending.sent.wasFailed = true;
    this.#world.as("worker", () => pending.settle(ok));
  }

  /** The worker runs a call: it must be the next one that is neither revoked, aborted nor garbled. */
  #begin(payload: unknown, context: JobContext): Sent {
    const calls = this.#calls;
    const isSkipped = (call?: Sent) =>
      call?.isRevoked || call?.isInputGarbled || call?.isAbortedEarly;
    while (isSkipped(calls[this.#nextRun])) this.#nextRun++;
    const sent = calls[this.#nextRun++];
    assert.ok(sent !== undefined, "a run too many");
    assert.deepEqual(payload, sent.payload);
    assert.deepEqual(context.traces, tracesOf(sent.seq) ?? []);
    sent.hasRun = true;
    if (sent.seq % 5 === 0) this.#world.nowMs += 3; // longer than a turn of the worker is
    return sent;
  }

  /** A promise that settles when the plan says so, and at once. */
  #beginLater(sent: Sent, context: JobContext): Promise<unknown> {
    assert.equal(this.#pending, null, "the call before has not ended");
    const promise = new Promise(() => {});
    const then = (succeed: (value: unknown) => void, fail: (error: unknown) => void) => {
      const settle = (ok: boolean) => ok ? succeed(sent.payload) : fail(new RangeError("later"));
      this.#pending = { sent, context, settle };
    };
    return Object.assign(promise, { then }) as Promise<unknown>;
  }

  /** When everything has come that was on its way, no call may be left. */
  #finish(): void {
    for (;;) {
      this.#world.rest();
      const pending = this.#pending;
      if (pending === null) break;
      const { sent, context } = pending;
      const before = this.#calls.filter((call) => call.seq < sent.seq);
      assert.ok(before.every((call) => call.isAnswered || call.isRevoked), "a result is lost");
      assert.equal(context.isAborted(), sent.isAborted);
      assert.equal(context.signal.aborted, sent.isAborted);
      this.#settle(sent.seq % 2 === 0);
    }
    const { line, memory } = this.#world;
    for (const call of this.#calls) {
      const { seq, kind, isAnswered, isRevoked, hasRun, isInputGarbled, isAbortedEarly } = call;
      assert.ok(isAnswered !== isRevoked, `call ${seq} (${kind}) of ${this.#calls.length} is lost`);
      assert.equal(hasRun, !isRevoked && !isInputGarbled && !isAbortedEarly);
    }
    assert.equal(line.sent.size, 0);
    assert.ok(this.#isDrained, "nobody was told that all is answered");
    assert.equal(memory.awake[0], 0, "a worker without work is not awake");
  }
}
