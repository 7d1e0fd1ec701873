import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BatchCall } from "../../src/lanes/batch_call.ts";
import type { Call } from "../../src/job/call.ts";
import type { CallQueue } from "../../src/lanes/queue/call_queue.ts";
import { OrderedQueue } from "../../src/lanes/queue/ordered_queue.ts";
import { PriorityQueue } from "../../src/lanes/queue/priority_queue.ts";
import type { JobFacts } from "../../src/policy/policy.ts";
import { runs } from "../fixtures/property.ts";
import { jobOf } from "./job_of.ts";

/** Takes out the call that starts next. */
function take(queue: CallQueue): Call | null {
  const call = queue.first;
  if (call !== null) assert.equal(queue.remove(call), true);
  return call;
}

interface Waiting {
  readonly call: Call;
  readonly id: number;
  readonly priority: number;
  readonly sinceMs: number;
  /** Among calls of one level and moment the least comes first: what was put back, then by arrival. */
  readonly rank: number;
}

type Step =
  | { readonly do: "push"; readonly priority: number }
  | { readonly do: "take" }
  | { readonly do: "putBack"; readonly place: number }
  | { readonly do: "remove"; readonly place: number }
  | { readonly do: "wait"; readonly ms: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("push" as const),
        priority: fc.integer({ min: 0, max: 9 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("take" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("putBack" as const), place: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), place: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(400) }) },
  ),
  { maxLength: 100, size: "max" },
);

/** Plays steps on a queue and on a plain list that is searched for the first by `before`. */
function compare(
  queue: CallQueue,
  plan: readonly Step[],
  before: (a: Waiting, b: Waiting) => boolean,
): void {
  const list: Waiting[] = [];
  /** What has been in it. */
  const out: Waiting[] = [];
  let [nowMs, id, backs] = [0, 0, 0];
  const takeOut = (waiting: Waiting | undefined): Call | null => {
    if (waiting === undefined) return null;
    list.splice(list.indexOf(waiting), 1);
    out.push(waiting);
    return waiting.call;
  };
  const takeFirst = (): Call | null =>
    takeOut(list.length === 0 ? undefined : list.reduce((a, b) => before(b, a) ? b : a));
  for (const step of plan) {
    if (step.do === "wait") {
      nowMs += step.ms;
    } else if (step.do === "push") {
      const { priority } = step;
      const call = jobOf(++id, priority);
      queue.push(call, nowMs);
      list.push({ call, id, priority, sinceMs: nowMs, rank: id });
      assert.ok(call.ticket.isQueued);
    } else if (step.do === "take") {
      assert.equal(take(queue), takeFirst());
    } else if (step.do === "putBack") {
      const [back] = out.splice(step.place, 1);
      if (back === undefined) continue;
      queue.putBack(back.call);
      list.push({ ...back, rank: -(++backs) });
      assert.ok(back.call.ticket.isQueued);
    } else {
      const call = takeOut(list[step.place]);
      if (call === null) continue;
      assert.equal(queue.remove(call), true);
      assert.equal(queue.remove(call), false, "it has left");
      assert.ok(!call.ticket.isQueued);
    }
    assert.equal(queue.length, list.length);
  }
  while (list.length > 0) assert.equal(take(queue), takeFirst());
  assert.equal(take(queue), null);
}

test("PriorityQueue takes by priority with ageing, then by age", () => {
  fc.assert(
    fc.property(steps, fc.constantFrom(1, 100, 500, 1e9), (plan, ageingMs) => {
      const key = ({ sinceMs, priority }: Waiting) => sinceMs - priority * ageingMs;
      compare(
        new PriorityQueue(ageingMs),
        plan,
        (a, b) =>
          key(a) - key(b) !== 0
            ? key(a) < key(b)
            : a.priority - b.priority !== 0
            ? a.priority > b.priority
            : a.rank < b.rank,
      );
    }),
    runs(300),
  );
});

test("PriorityQueue starves no call, whatever comes after it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9 }),
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 60, maxLength: 60 }),
      (level, others) => {
        const ageingMs = 5;
        const queue = new PriorityQueue(ageingMs);
        const patient = jobOf(0, level);
        queue.push(patient, 0);
        // One comes in each ms and one is served: without ageing, priority 9 would go first for ever.
        let takenAtMs = NaN;
        for (let ms = 0; ms < others.length && Number.isNaN(takenAtMs); ms++) {
          queue.push(jobOf(ms + 1, others[ms]), ms);
          if (take(queue) === patient) takenAtMs = ms;
        }
        assert.ok(takenAtMs <= (9 - level) * ageingMs + 1, `taken after ${takenAtMs} ms`);
      },
    ),
    runs(200),
  );
});

test("PriorityQueue lets a call rise one level each ageingMs", () => {
  const queue = new PriorityQueue(500);
  const [old, young] = [jobOf(1, 4), jobOf(2, 5)];
  queue.push(old, 0);
  queue.push(young, 501);
  assert.equal(take(queue), old);
  queue.push(old, 0);
  take(queue);
  queue.push(young, 499);
  queue.push(old, 0);
  assert.equal(take(queue), young);
});

test("PriorityQueue gives calls that are put back, the last first, their places again", () => {
  const queue = new PriorityQueue(500);
  const calls = [1, 2, 3, 4, 5].map((id) => jobOf(id, 5));
  for (const [place, call] of calls.entries()) queue.push(call, Math.min(place, 2));
  for (let i = 0; i < 3; i++) take(queue);
  for (const call of calls.slice(0, 3).reverse()) queue.putBack(call);
  assert.equal(queue.length, 5);
  assert.deepEqual(calls.map(() => take(queue)?.facts.id), [1, 2, 3, 4, 5]);
  queue.putBack(calls[1]);
  assert.equal(take(queue), calls[1], "into an empty queue");
});

test("OrderedQueue takes as sort() orders, ties by arrival", () => {
  const order = ({ priority }: JobFacts) => priority % 3;
  fc.assert(
    fc.property(steps, (plan) => {
      const queue = new OrderedQueue(order);
      compare(
        queue,
        plan,
        (a, b) =>
          a.priority % 3 - b.priority % 3 !== 0 ? a.priority % 3 < b.priority % 3 : a.id < b.id,
      );
    }),
    runs(300),
  );
});

test("OrderedQueue gives what sort() gives", () => {
  const order = ({ priority }: JobFacts) => -priority;
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 100 }), (priorities) => {
      const queue = new OrderedQueue(order);
      const calls = priorities.map((priority, id) => jobOf(id, priority));
      for (const call of calls) queue.push(call, 0);
      const taken = calls.map(() => take(queue));
      const sorted = calls.toSorted((a, b) => order(a.facts) - order(b.facts));
      assert.ok(taken.every((call, i) => call === sorted[i]));
    }),
    runs(200),
  );
});

test("OrderedQueue asks for the order of a call once, and keeps it when it is put back", () => {
  let asked = 0;
  const queue = new OrderedQueue(() => -(++asked));
  const calls = [jobOf(1, 5), jobOf(2, 5), jobOf(3, 5)];
  for (const call of calls) queue.push(call, 0);
  const first = take(queue)!;
  assert.equal(first, calls[2]);
  queue.putBack(first);
  assert.equal(asked, 3);
  assert.equal(take(queue), first);
  const handed = jobOf(4, 5); // it was handed out at once
  queue.putBack(handed);
  assert.deepEqual([take(queue), asked], [handed, 4]);
});

test("OrderedQueue keeps its order when the leading job of a waiting batch leaves", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 3 }), {
        minLength: 1,
        maxLength: 30,
      }),
      fc.array(fc.nat(29)),
      (batches, leavers) => {
        let id = 0;
        const queue = new OrderedQueue(({ priority }) => -priority);
        const calls = batches.map((priorities) => {
          const [first, ...rest] = priorities.map((priority) => jobOf(++id, priority));
          const call = new BatchCall(first);
          for (const job of rest) call.add(job);
          queue.push(call, 0);
          return { call, lead: call.facts };
        });
        for (const place of leavers) {
          const call = calls[place]?.call;
          if (call !== undefined && call.size > 1) {
            call.remove(call.jobs.find(({ facts }) => facts === call.facts)!);
          }
        }
        // It keeps the place its lead gave it.
        const before = (a: JobFacts, b: JobFacts) => b.priority - a.priority || a.id - b.id;
        for (const { call } of calls.toSorted((a, b) => before(a.lead, b.lead))) {
          assert.ok(take(queue) === call);
        }
      },
    ),
    runs(200),
  );
});
