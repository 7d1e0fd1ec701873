// Probes, and who gets the workers when more comes than can be done, by the adaptive policy.
import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptivePolicy } from "../../mod.ts";
import { createWorld, offer, type Told, type World } from "../virtual/world.ts";

function createAdaptive(objective?: "fair" | "count"): Promise<World> {
  const policy = adaptivePolicy({ objective });
  return createWorld({ policy, cpuParallelism: 1, minWorkers: 1 });
}

/** Has a kind be known to take so long. */
function know(world: World, kind: string, ms: number): void {
  for (let i = 0; i < 20; i++) {
    offer(world, kind, { ms });
    world.clock.advance(ms + 5);
  }
}

function predicted(world: World, kind: string) {
  const index = ["local", "local_group", "shared", "group", "steady_group"].indexOf(kind);
  return { ...world.router.load.model.predict({ index }, NaN) };
}

const hasty = { latencyBudgetMs: 40 };

/** What was decided of each job from now on. */
function reasonsOf(world: World): string[] {
  const reasons: string[] = [];
  world.router.onDecision(({ reason }) => void reasons.push(reason));
  return reasons;
}

test("one job at a time tests an estimate that no run has confirmed for 100 ms", async () => {
  const world = await createAdaptive();
  know(world, "shared", 60);
  const reasons = reasonsOf(world);
  offer(world, "shared", { ms: 60 }, hasty);
  world.clock.advance(100);
  const jobs = Array.from({ length: 3 }, () => offer(world, "shared", { ms: 60 }, hasty));
  const short = "budget_too_short";
  assert.deepEqual(reasons, [short, "probe", short, short]);
  world.clock.run();
  assert.deepEqual(jobs.map((job) => job.status), ["completed", "dropped", "dropped"]);
});

/** When a dropped job was told to come back, in ms. */
function retryMsOf({ job }: Told): number {
  return (job as unknown as { retryAfterMs: number }).retryAfterMs;
}

test("a job whose kind takes longer than its budget is told so, and when that is tested", async () => {
  const world = await createAdaptive();
  know(world, "shared", 60);
  const early = offer(world, "shared", { ms: 60 }, hasty);
  assert.equal(early.story, "backpressure_drop dropped budget_too_short");
  const { why = [] } = world.router.explain("shared", { ms: 60 }, hasty);
  assert.match(why[1], /^backpressure_drop.*: yes, as runs like it take longer than the 40 ms/);
  world.clock.advance(retryMsOf(early));
  const probe = offer(world, "shared", { ms: 60 }, hasty); // slow: the next one is later
  const beside = retryMsOf(offer(world, "shared", { ms: 60 }, hasty));
  assert.ok(beside >= 60 && beside < 80, `${beside}`);
  world.clock.advance(beside);
  assert.equal(probe.status, "completed");
  const late = offer(world, "shared", { ms: 60 }, hasty);
  assert.ok(retryMsOf(late) > 100, `${retryMsOf(late)}`);
  const waits = offer(world, "shared", { ms: 60 }, { ...hasty, whenFull: "wait" });
  assert.equal(waits.story, "backpressure_drop dropped budget_too_short"); // room would not help
  world.clock.advance(retryMsOf(late));
  const quick = offer(world, "shared", { ms: 5 }, hasty);
  world.clock.run();
  assert.equal(quick.status, "completed");
  const next = offer(world, "shared", { ms: 5 }, hasty);
  world.clock.run();
  assert.equal(next.story, "cpu_pool completed");
});

test("the time until the next probe doubles as long as they are slow", async () => {
  const world = await createAdaptive();
  know(world, "shared", 60);
  const probedAtMs: number[] = [];
  world.router.onDecision(({ reason, load }) => {
    if (reason === "probe") probedAtMs.push(load.nowMs);
  });
  for (let i = 0; i < 400; i++) {
    offer(world, "shared", { ms: 60 }, hasty);
    world.clock.advance(10);
  }
  const gaps = probedAtMs.slice(1).map((ms, i) => ms - probedAtMs[i] - 60);
  assert.ok(gaps.length >= 4, `${gaps}`);
  gaps.forEach((ms, i) => assert.ok(Math.abs(ms - 200 * 2 ** i) <= 15, `${gaps}`));
});

test("a probe that is quick replaces the estimate at once", async () => {
  const world = await createAdaptive();
  know(world, "shared", 60);
  world.clock.advance(100);
  const reasons = reasonsOf(world);
  offer(world, "shared", { ms: 5 }, hasty);
  world.clock.advance(10);
  assert.ok(Math.abs(predicted(world, "shared").typicalMs - 5) < 0.5);
  offer(world, "shared", { ms: 5 }, hasty);
  assert.deepEqual(reasons, ["probe", "in_time"]);
  world.clock.run();
});

test("a probe starts before all others that wait, and does not step back", async () => {
  const world = await createAdaptive();
  know(world, "group", 4);
  know(world, "shared", 60);
  world.clock.advance(100);
  const before = world.ports.begun.length;
  for (let i = 0; i < 12; i++) offer(world, "group", { id: i, ms: 4 }, hasty);
  const probe = offer(world, "shared", { id: 50, ms: 4 }, hasty);
  for (let i = 12; i < 20; i++) offer(world, "group", { id: i, ms: 4 }, { latencyBudgetMs: 30 });
  world.clock.run();
  assert.equal(probe.status, "completed");
  const begun = world.ports.begun.slice(before).map(({ payload }) =>
    (payload as { id: number }).id
  );
  assert.ok(begun.indexOf(50) <= 2, `${begun}`); // one had begun, and one may have been handed ahead
});

test("a kind that was slow once is found to be quick again, while others keep the workers busy", async () => {
  const world = await createAdaptive();
  know(world, "group", 4);
  know(world, "shared", 60);
  const jobs: Told[] = [];
  for (let ms = 0; ms < 1_000; ms += 4) {
    offer(world, "group", { ms: 4 }, hasty);
    if (ms % 8 === 0) jobs.push(offer(world, "shared", { ms: 2 }, hasty));
    world.clock.advance(4);
  }
  world.clock.run();
  const done = jobs.map((job) => job.status === "completed");
  assert.ok(done.indexOf(true) <= 20, `${done.indexOf(true)}`);
  assert.ok(done.slice(40).filter(Boolean).length > 40, `${done.slice(40).filter(Boolean).length}`);
});

/** More than can be done of jobs of 4 and 20 ms: time that each kind got, and how many were done. */
async function overload(objective: "fair" | "count") {
  const world = await createAdaptive(objective);
  know(world, "shared", 4);
  know(world, "group", 20);
  const jobs: Told[] = [];
  for (let ms = 0; ms < 4_000; ms += 4) {
    jobs.push(offer(world, "shared", { id: 4, ms: 4 }, { latencyBudgetMs: 100 }));
    if (ms % 20 === 0) {
      jobs.push(offer(world, "group", { id: 20, ms: 20 }, { latencyBudgetMs: 100 }));
    }
    world.clock.advance(4);
  }
  world.clock.run();
  const done = jobs.flatMap(({ job }) =>
    job!.status === "completed" ? [job!.value as number / 2] : []
  );
  const timeOf = (ms: number) => ms * done.filter((other) => other === ms).length;
  return { short: timeOf(4), long: timeOf(20), done: done.length, late: jobs.length - done.length };
}

test("kinds have equal shares of the workers when more comes than can be done", async () => {
  const { short, long } = await overload("fair");
  assert.ok(short + long > 3_600, `${short}, ${long}`);
  assert.ok(Math.abs(short - long) < 0.2 * (short + long), `${short}, ${long}`);
});

test("as many jobs as can be are done with the objective to count them", async () => {
  const [fair, count] = [await overload("fair"), await overload("count")];
  assert.ok(count.done > 1.3 * fair.done, `${count.done}, ${fair.done}`);
  assert.ok(count.short > 3_200, `${count.short}`);
});

/** Jobs without a budget, of 4 ms each, one every so many ms for so long; when each was over, after how long. */
async function patient(everyMs: number, forMs: number, burst = 0) {
  const world = await createAdaptive();
  know(world, "shared", 4);
  const jobs: { readonly told: Told; readonly atMs: number }[] = [];
  for (let i = 0; i < burst; i++) {
    jobs.push({ told: offer(world, "shared", { ms: 4 }), atMs: world.clock.now() });
  }
  const startMs = world.clock.now();
  for (let ms = 0; ms < forMs; ms += everyMs) {
    jobs.push({ told: offer(world, "shared", { ms: 4 }), atMs: startMs + ms });
    world.clock.advance(everyMs);
  }
  world.clock.run();
  return jobs.map(({ told: { status, job } }) => ({ status, totalMs: job!.totalMs }));
}

test("without budgets, what comes last is served soon though more comes than can be done", async () => {
  const jobs = await patient(1, 4_000);
  const late = jobs.slice(2_000);
  const done = late.filter(({ status }) => status === "completed");
  assert.ok(done.length > 400, `${done.length} of 500 that can be done`);
  done.sort((a, b) => a.totalMs - b.totalMs);
  assert.ok(done[done.length >> 1].totalMs < 40, `${done[done.length >> 1].totalMs} ms`);
});

test("without budgets, what has waited in vain for a second is dropped while more comes", async () => {
  const jobs = await patient(1, 4_000);
  const dropped = jobs.filter(({ status }) => status === "dropped");
  const shed = dropped.filter(({ totalMs }) => totalMs > 0);
  assert.ok(dropped.length > 2_000, `${dropped.length}`);
  assert.ok(shed.length > 100, `${shed.length}`);
  for (const { totalMs } of shed) assert.ok(totalMs >= 1_000 && totalMs < 1_200, `${totalMs} ms`);
  for (const { status } of jobs) assert.notEqual(status, undefined);
});

test("without budgets, nothing of a burst is dropped, however long it takes", async () => {
  for (const jobs of [await patient(5, 4_000, 1_000), await patient(2, 700)]) {
    assert.deepEqual(jobs.filter(({ status }) => status !== "completed"), []);
  }
});
