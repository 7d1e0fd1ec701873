import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SentCalls } from "../../src/transport/sent_calls.ts";
import {
  ABORTED,
  DONE,
  PENDING,
  REVOKED,
  RUNNING,
  STOPPING,
} from "../../src/transport/call_states.ts";
import { runs } from "../fixtures/property.ts";

const SIZE = 8;

interface Expected {
  readonly seq: number;
  readonly call: number;
  state: number;
}

type Step = { readonly do: (typeof STEPS)[number]; readonly pick: number };

const STEPS = ["add", "begin", "end", "take", "revoke", "abort", "undo", "ask"] as const;

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    do: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom("add" as const, "begin" as const) },
      { weight: 4, arbitrary: fc.constantFrom(...STEPS) },
    ),
    pick: fc.nat(20),
  }),
  { maxLength: 80, size: "max" },
);

/** Where both counters start: also where they pass the end of a word. */
const starts = fc.constantFrom(0, 5, 2 ** 31 - 3, -(2 ** 31));

function open(start = 0, areShared = true): { sent: SentCalls; states: Int32Array } {
  const states = new Int32Array(new SharedArrayBuffer(SIZE * 4));
  const sent = new SentCalls(states, areShared);
  sent.written = sent.read = start;
  return { sent, states };
}

test("SentCalls agrees with a plain list, whatever its worker and its pool do", () => {
  fc.assert(
    fc.property(steps, starts, (plan, start) => {
      const { sent, states } = open(start);
      const list: Expected[] = [];
      let [seq, written] = [0, start];
      for (const { do: action, pick } of plan) {
        const one = list[pick];
        const missing = 1_000 + pick;
        if (action === "add" && sent.room > 0) {
          sent.add(++seq);
          list.push({ seq, call: written, state: PENDING });
          written = (written + 1) | 0;
        } else if (action === "undo" && list.at(-1)?.state === PENDING) {
          sent.undo();
          written = list.pop()!.call;
        } else if (action === "begin") { // what the worker does: it takes the oldest one
          const next = list.find(({ state }) => state === PENDING);
          if (next !== undefined) next.state = states[next.call & (SIZE - 1)] = RUNNING;
        } else if (action === "end") {
          const running = list.find(({ state }) => state === RUNNING || state === STOPPING);
          if (running !== undefined) running.state = states[running.call & (SIZE - 1)] = DONE;
        } else if (action === "take" && list.length > 0 && list[0].state !== PENDING) {
          const { seq, state } = list.shift()!;
          assert.equal(sent.take(), state === REVOKED ? 0 : seq);
        } else if (action === "revoke") {
          assert.equal(sent.revoke(one?.seq ?? missing), one?.state === PENDING);
          if (one?.state === PENDING) one.state = REVOKED;
        } else if (action === "abort") {
          const isOpen = one !== undefined && one.state !== REVOKED;
          assert.equal(sent.abort(one?.seq ?? missing), isOpen ? one.call : undefined);
          if (isOpen && one.state === PENDING) one.state = ABORTED;
          if (isOpen && one.state === RUNNING) one.state = STOPPING;
        }
        assert.equal(sent.size, list.length);
        assert.equal(sent.room, SIZE - list.length);
        for (const { seq, call, state } of list) {
          assert.equal(states[call & (SIZE - 1)], state);
          assert.equal(sent.seqOf(call), state === REVOKED ? 0 : seq);
        }
        const [first] = list;
        const hasBegun = first !== undefined && first.state !== PENDING && first.state !== REVOKED;
        assert.equal(sent.hasBegun, hasBegun);
        const running = list.find(({ state }) => state === RUNNING || state === STOPPING);
        assert.equal(sent.running, running?.seq ?? 0);
        const done = list.filter(({ state }) => state === DONE);
        assert.deepEqual(sent.done, done.map(({ seq }) => seq));
      }
    }),
    runs(500),
  );
});

test("SentCalls knows no call that is answered, or is yet to come", () => {
  for (const start of [0, 2 ** 31 - 1]) {
    const { sent } = open(start);
    sent.add(7);
    const call = start | 0;
    assert.equal(sent.seqOf((call - 1) | 0), 0);
    assert.equal(sent.seqOf((call + 1) | 0), 0);
    assert.equal(sent.seqOf(call), 7);
    sent.take();
    assert.equal(sent.seqOf(call), 0);
    assert.equal(sent.revoke(7), false);
    assert.equal(sent.abort(7), undefined);
  }
});

test("SentCalls gives a place to the next call when the one before is answered", () => {
  const { sent, states } = open();
  for (let seq = 1; seq <= SIZE; seq++) sent.add(seq);
  assert.equal(sent.room, 0);
  states.fill(RUNNING);
  assert.equal(sent.take(), 1);
  assert.equal(sent.room, 1);
  sent.add(SIZE + 1);
  assert.equal(states[0], PENDING, "nothing is left of the call that was there");
  for (let seq = 2; seq <= SIZE + 1; seq++) assert.equal(sent.take(), seq);
  assert.equal(sent.size, 0);
});

test("SentCalls takes back no call that a worker without shared memory has", () => {
  const { sent } = open(0, false);
  sent.add(1);
  assert.equal(sent.revoke(1), false);
  assert.equal(sent.running, 1);
  assert.equal(sent.abort(1), 0);
  assert.equal(sent.take(), 1);
});
