import assert from "node:assert/strict";
import { test } from "node:test";
import { JobTimeoutError } from "../../mod.ts";
import type { AnyKind } from "../../src/define/jobs.ts";
import { createWorld, defineSet, offer, type Task, Told } from "../virtual/world.ts";
import { heavy, medium, task, tiny } from "./sized_tasks.ts";

test("submit() refuses a signal that has aborted, with its reason untouched", async () => {
  const { router } = await createWorld();
  const reasons = [new Error("why"), "text", 0, null, false, { a: 1 }, Symbol.iterator];
  for (const reason of reasons) {
    const controller = new AbortController();
    controller.abort(reason);
    const told = new Told();
    router.offer("local", task, { signal: controller.signal }, told);
    assert.deepEqual(told.refusals, [reason]);
    const promise = router.submit("local", task, { signal: controller.signal });
    await assert.rejects(promise, (error) => error === reason);
  }
  assert.deepEqual(router.stats().rejected, { aborted: reasons.length * 2 });
  assert.equal(router.stats().submitted, 0);
});

test("submit() rejects at once with the signal's reason when it aborts, on every lane", async () => {
  const world = await createWorld();
  const reasons = [new Error("why"), "text", 0, null];
  const lanes: [string, object, Partial<Task>][] = [
    ["local", tiny, { later: true }],
    ["local", medium, {}],
    ["local", medium, { later: true }],
    ["shared", heavy, {}],
    ["group", { ...heavy, scalingPotential: 1 }, {}],
    ["local_group", { ...heavy, scalingPotential: 1 }, { later: true }],
  ];
  for (const [kind, hints, extra] of lanes) {
    for (const reason of reasons) {
      for (const ms of [0, 15]) { // waiting, and running
        const controller = new AbortController();
        const options = { ...hints, signal: controller.signal };
        const promise = world.router.submit(kind, { id: 1, ms: 50, ...extra }, options);
        world.clock.advance(ms);
        if (world.router.stats().inFlight === 0) {
          await promise; // a short one has ended by then
          continue;
        }
        controller.abort(reason);
        assert.equal(world.router.stats().inFlight, 0);
        await assert.rejects(promise, (error) => error === reason);
      }
    }
    world.clock.run();
  }
});

test("JobContext.signal aborts with the caller's reason while a job runs here", async () => {
  const seen: unknown[] = [];
  const kinds: Record<string, AnyKind> = {
    wait: {
      run: (_input, context) => {
        const { signal, isAborted } = context;
        assert.equal(context.signal, signal, "one signal for a run");
        signal.addEventListener("abort", () => seen.push(signal.reason, isAborted()));
        return new Promise(() => {});
      },
    },
  };
  const world = await createWorld({ jobs: defineSet(kinds) });
  for (const computeCost of [1, 10_000]) {
    const controller = new AbortController();
    const told = offer(world, "wait", {}, { computeCost, signal: controller.signal });
    world.clock.advance(5);
    controller.abort("because");
    assert.equal(told.status, "cancelled");
  }
  assert.deepEqual(seen, ["because", true, "because", true]);
});

test("JobContext tells of an abort that came before anyone asked", async () => {
  const seen: unknown[] = [];
  const controller = new AbortController();
  const kinds: Record<string, AnyKind> = {
    late: {
      run: (_input, context) => {
        controller.abort("because");
        seen.push(context.isAborted(), context.signal.aborted, context.signal.reason);
      },
    },
  };
  const world = await createWorld({ jobs: defineSet(kinds) });
  const told = offer(world, "late", {}, { ...tiny, signal: controller.signal });
  assert.equal(told.status, "cancelled");
  assert.deepEqual(seen, [true, true, "because"]);
});

test("runTimeoutMs starts with the run and rejects with JobTimeoutError, on this thread too", async () => {
  const world = await createWorld();
  const slow: Task = { id: 1, ms: 100, later: true };
  const inline = offer(world, "local", slow, { ...tiny, runTimeoutMs: 20 });
  const spawned = offer(world, "local", slow, { ...medium, runTimeoutMs: 20 });
  const blocking = offer(world, "local", { ms: 10 }, { ...tiny, runTimeoutMs: 5 });
  world.clock.run();
  for (const { job } of [inline, spawned]) {
    assert.ok(job?.value instanceof JobTimeoutError);
    assert.deepEqual([job.value.kind, job.value.runTimeoutMs], ["local", 20]);
  }
  assert.deepEqual([inline.job?.totalMs, spawned.job?.totalMs], [20, 30]);
  assert.equal(blocking.story, "inline completed", "synchronous work cannot be stopped");
  assert.equal(world.router.stats().timedOut, 2);
});
