import assert from "node:assert/strict";
import { test } from "node:test";
import type { SettledJob } from "../../mod.ts";
import { createWorld, offer } from "../virtual/world.ts";
import { heavy, medium, task, tiny } from "./sized_tasks.ts";

/** What a listener keeps of a job: the job itself lives on. */
function noteOf({ id, kind, status, decision, strategy, facts, batchSize }: SettledJob): string {
  const { computeCost, priority } = facts;
  const routed = `${decision.strategy}/${decision.reason} on ${strategy}`;
  return `${id} ${kind.name} ${status} ${routed} cost ${computeCost} p${priority} of ${batchSize}`;
}

test('on("outcome") hears each job that is over, with what was asked and decided', async () => {
  const world = await createWorld({ cpuParallelism: 1, cpuQueueCapacity: 1 });
  const notes: string[] = [];
  const inputs: unknown[] = [];
  const stop = world.router.on("outcome", (job) => {
    notes.push(noteOf(job));
    inputs.push(job.input);
  });
  for (const hints of [tiny, heavy, heavy, heavy]) offer(world, "shared", {}, hints);
  offer(world, "shared", {}, { ...medium, priority: 9 });
  offer(world, "nope");
  world.clock.run();
  assert.deepEqual(notes, [
    "1 shared completed inline/tiny on inline cost 1 p5 of 1",
    "4 shared dropped backpressure_drop/pool_saturated on backpressure_drop cost 100000 p5 of 1",
    "5 shared completed spawn/medium on spawn cost 10000 p9 of 1",
    "2 shared completed cpu_pool/heavy on cpu_pool cost 100000 p5 of 1",
    "3 shared completed cpu_pool/heavy on cpu_pool cost 100000 p5 of 1",
  ]);
  assert.deepEqual(inputs, Array(5).fill({ id: 1, ms: 1 }));
  stop();
  offer(world, "shared", {}, tiny);
  assert.equal(notes.length, 5);
});

test('on("outcome") and on("decision") name the same job, one by its kind, one by the name of that', async () => {
  const world = await createWorld();
  const named: string[] = [];
  world.router.on("decision", ({ jobId, kind }) => named.push(`decision ${jobId} ${kind}`));
  world.router.on("outcome", ({ id, kind }) => named.push(`outcome ${id} ${kind.name}`));
  offer(world, "shared", {}, heavy);
  world.clock.run();
  assert.deepEqual(named, ["decision 1 shared", "outcome 1 shared"]);
});

test('on("outcome") is told once of a job, after its caller', async () => {
  const world = await createWorld();
  const order: string[] = [];
  world.router.on("outcome", ({ id }) => order.push(`outcome ${id}`));
  world.router.on("decision", ({ jobId }) => order.push(`decision ${jobId}`));
  const sink = { settled: () => void order.push("caller"), refused: () => assert.fail() };
  world.router.offer("local", task, tiny, sink);
  const controller = new AbortController();
  world.router.offer("shared", task, { ...heavy, signal: controller.signal }, sink);
  controller.abort();
  world.clock.run();
  assert.deepEqual(order, [
    ...["caller", "outcome 1", "decision 1"],
    ...["decision 2", "caller", "outcome 2"],
  ]);
});

test('on("outcome") counts a listener that throws, and harms no job', async () => {
  const world = await createWorld();
  let heard = 0;
  world.router.on("outcome", () => assert.fail("listener"));
  world.router.on("outcome", () => heard++);
  const told = [offer(world, "local", {}, tiny), offer(world, "shared", {}, heavy)];
  world.clock.run();
  assert.deepEqual(told.map(({ status, jobs }) => [status, jobs.length]), [
    ["completed", 1],
    ["completed", 1],
  ]);
  assert.deepEqual([heard, world.router.stats().listenerErrors], [2, 2]);
});

test("on() refuses an event that there is not, by name", async () => {
  const { router } = await createWorld();
  for (const event of ["outcomes", "toString", "__proto__", undefined]) {
    assert.throws(() => router.on(event as "outcome", () => {}), {
      name: "InvalidOptionError",
      option: "event",
      received: event,
      wanted: "one of decision, outcome, worker, saturation",
    });
  }
});
