// What is ahead of a job in a queue, against a plain list.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Job } from "../../src/job/job.ts";
import type { CallQueue } from "../../src/lanes/queue/call_queue.ts";
import { OrderedQueue } from "../../src/lanes/queue/ordered_queue.ts";
import { PriorityQueue } from "../../src/lanes/queue/priority_queue.ts";
import { WorkOrder } from "../../src/lanes/queue/work_order.ts";
import { runs } from "../fixtures/property.ts";
import { jobOf } from "./job_of.ts";

interface Waiting {
  readonly call: Job;
  readonly sinceMs: number;
}

const priority = fc.integer({ min: 0, max: 9 });
const expectedMs = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 0, max: 50 }) },
  { weight: 1, arbitrary: fc.constant(NaN) },
);

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("push" as const), priority, expectedMs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("take" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("putBack" as const), place: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), place: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("weigh" as const), place: fc.nat(20), expectedMs }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(400) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("ask" as const), priority }) },
);

/** Plays a plan; whatever is asked must be the sum over those of a plain list that go before. */
function check(
  queue: CallQueue,
  plan: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
  keyOf: (waiting: Waiting) => number,
): void {
  const goesBefore = (a: Waiting, b: Waiting) =>
    keyOf(a) === keyOf(b) ? a.call.id < b.call.id : keyOf(a) < keyOf(b);
  let list: Waiting[] = [];
  const out: Waiting[] = [];
  let [nowMs, id] = [0, 0];
  const leave = (waiting: Waiting | undefined): void => {
    if (waiting === undefined) return;
    assert.ok(queue.remove(waiting.call));
    list = list.filter((other) => other !== waiting);
    out.push(waiting);
  };
  const ask = (job: Job, sinceMs: number): void => {
    const ahead = list.filter((other) =>
      other.call !== job && goesBefore(other, { call: job, sinceMs })
    );
    const wanted = ahead.reduce((sum, { call }) => sum + call.ticket.expectedMs, 0);
    assert.ok(Object.is(queue.aheadMs(job.facts, nowMs), wanted));
  };
  for (const step of plan) {
    if (step.do === "wait") nowMs += step.ms;
    else if (step.do === "push") {
      const call = jobOf(++id, step.priority);
      call.ticket.expectedMs = step.expectedMs;
      queue.push(call, nowMs);
      list.push({ call, sinceMs: nowMs });
    } else if (step.do === "take") {
      leave(list.find(({ call }) => call === queue.first));
    } else if (step.do === "putBack") {
      const [back] = out.splice(step.place, 1);
      if (back === undefined) continue;
      queue.putBack(back.call);
      list.push(back);
    } else if (step.do === "remove") leave(list[step.place]);
    else if (step.do === "weigh") {
      const call = list[step.place]?.call;
      if (call === undefined) continue;
      call.ticket.expectedMs = step.expectedMs;
      queue.remove(call);
      queue.putBack(call);
    } else {
      ask(jobOf(id + 1, step.priority), nowMs);
    }
  }
  if (plan.every((step) => step.do !== "putBack")) {
    for (const { call, sinceMs } of list) ask(call, sinceMs);
  }
  const last = list.find(({ call }) => call === queue.last);
  assert.equal(last === undefined, list.length === 0);
  assert.ok(list.every((other) => keyOf(other) <= keyOf(last!)));
}

const plans = fc.array(step, { maxLength: 150, size: "max" });

test("PriorityQueue tells the work ahead of a job, by priority with ageing", () => {
  fc.assert(
    fc.property(plans, fc.constantFrom(1, 100, 500, 1e9), (plan, ageingMs) => {
      const keyOf = ({ call, sinceMs }: Waiting) => sinceMs - call.facts.priority * ageingMs;
      check(new PriorityQueue(ageingMs), plan, keyOf);
    }),
    runs(300),
  );
});

test("OrderedQueue tells the work ahead of a job, by the policy's order", () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const orderOf = ({ priority }: { priority: number }) => priority % 3;
      check(new OrderedQueue(orderOf), plan, ({ call }) => orderOf(call.facts));
    }),
    runs(300),
  );
});

test("WorkOrder looks at few calls, however many there are and in whatever order they come", () => {
  for (const sign of [1, -1]) {
    const order = new WorkOrder();
    for (let id = 1; id <= 10_000; id++) {
      const call = jobOf(id, 5);
      call.ticket.expectedMs = 1;
      order.add(call, sign * id);
    }
    let seen = 0;
    const key = {
      valueOf() {
        seen++;
        return sign * 5_000;
      },
    } as unknown as number;
    const before = sign > 0 ? 4_999 : 5_000;
    assert.equal(order.aheadMs(0, key), before);
    assert.ok(seen < 100, `${seen} looks`); // a balanced tree is 14 deep, and a level takes two
  }
});
