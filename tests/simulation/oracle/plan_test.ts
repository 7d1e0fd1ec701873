import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Ahead, Plan, type Waiting } from "../../../src/simulation/oracle/plan.ts";
import { Shares } from "../../../src/simulation/oracle/shares.ts";
import { runs } from "../../fixtures/property.ts";
import { guarded } from "../../fixtures/until.ts";
import { drawJobs, workloadOf } from "../workload/drawn_jobs.ts";

/** A job whose time is known. */
function known(keepsMs: number, deadlineMs: number, shareClass = 0): Waiting {
  return { keepsMs, needsMs: keepsMs, deadlineMs, variance: 0, shareClass };
}

const FREE: Ahead = { freeAtMs: [0], variance: 0, slowdown: 1 };

/** Whether one worker can do all of them in time: the earliest deadline first, if anything. */
function fits(jobs: readonly Waiting[], startMs: number): boolean {
  let nowMs = startMs;
  return [...jobs].sort((a, b) => a.deadlineMs - b.deadlineMs).every(({ keepsMs, deadlineMs }) => {
    nowMs += keepsMs;
    return nowMs <= deadlineMs;
  });
}

/** The most jobs that one worker can do in time, by trying all choices. */
function mostInTime(jobs: readonly Waiting[], startMs: number): number {
  let most = 0;
  for (let choice = 0; choice < 1 << jobs.length; choice++) {
    const chosen = jobs.filter((_, i) => (choice >> i) & 1);
    if (chosen.length > most && fits(chosen, startMs)) most = chosen.length;
  }
  return most;
}

const drawn = fc.array(
  fc.record({
    keepsMs: fc.integer({ min: 1, max: 10 }),
    deadlineMs: fc.integer({ min: 1, max: 30 }),
  }),
  { minLength: 1, maxLength: 9 },
).map((jobs) => jobs.map(({ keepsMs, deadlineMs }) => known(keepsMs, deadlineMs)));

test("on one worker, as many jobs are kept as can be in time", guarded, () => {
  fc.assert(
    fc.property(drawn, fc.nat(5), (jobs, startMs) => {
      const ahead = { ...FREE, freeAtMs: [startMs] };
      const plan = new Plan(null);
      plan.jobs.push(...[...jobs].sort((a, b) => a.deadlineMs - b.deadlineMs));
      const out = plan.check(0, ahead);
      const kept = [...plan.jobs];
      assert.ok(fits(kept, startMs));
      assert.equal(kept.length, mostInTime(jobs, startMs));
      assert.deepEqual(new Set([...kept, ...out]), new Set(jobs));
      assert.equal(kept.length + out.length, jobs.length);
    }),
    runs(300),
  );
});

test("jobs that are added one by one are kept by their deadlines, and all fit", guarded, () => {
  fc.assert(
    fc.property(drawn, (jobs) => {
      const plan = new Plan(null);
      const out = jobs.flatMap((job) => plan.add(job, 0, FREE));
      const kept: Waiting[] = [];
      for (let job = plan.shift(); job !== undefined; job = plan.shift()) kept.push(job);
      assert.ok(fits(kept, 0));
      assert.deepEqual(
        kept.map(({ deadlineMs }) => deadlineMs),
        kept.map(({ deadlineMs }) => deadlineMs).sort((a, b) => a - b),
      );
      assert.equal(kept.length + out.length, jobs.length);
      // Who gave way cannot come back, so these may be fewer than if all had been there at once.
      assert.ok(kept.length <= mostInTime(jobs, 0));
      assert.ok(out.every((job) => !fits([...kept, job], 0) || out.indexOf(job) < out.length - 1));
    }),
    runs(300),
  );
});

test("of equal deadlines, the first to come is the first to go", () => {
  const plan = new Plan(null);
  const jobs = [1, 2, 3].map(() => known(1, 10));
  for (const job of jobs) assert.deepEqual(plan.add(job, 0, FREE), []);
  for (const job of jobs) assert.equal(plan.shift(), job);
  assert.equal(plan.shift(), undefined);
});

test("the largest job gives way, whether it was there or comes", () => {
  const plan = new Plan(null);
  const large = known(6, 8);
  assert.deepEqual(plan.add(large, 0, FREE), []);
  assert.deepEqual(plan.add(known(3, 8), 0, FREE), [large]);
  const larger = known(7, 8);
  assert.deepEqual(plan.add(larger, 0, FREE), [larger]);
});

test("a plan sees when workers are free, how slow they are and what it does not know", () => {
  const keeps = (ahead: Partial<Ahead>, jobs: readonly Waiting[], nowMs = 0) => {
    const plan = new Plan(null);
    for (const job of jobs) plan.add(job, nowMs, { ...FREE, ...ahead });
    return plan.jobs.length;
  };
  const three = [1, 2, 3].map(() => known(10, 20));
  assert.equal(keeps({}, three), 2);
  assert.equal(keeps({ freeAtMs: [0, 0] }, three), 3);
  assert.equal(keeps({ freeAtMs: [0, 15] }, three), 2);
  assert.equal(keeps({ slowdown: 1.5 }, three), 1);
  assert.equal(keeps({}, three, 5), 1, "the time is later than its workers are free");
  // Twice a deviation of 4 ms, and one and a half of them are left free.
  assert.equal(keeps({ variance: 16 }, [known(10, 16)]), 1);
  assert.equal(keeps({ variance: 16 }, [known(10, 15)]), 0);
  assert.equal(keeps({ variance: 16, freeAtMs: [0, 0] }, [known(10, 13)]), 1);
  const vague = { ...known(10, 20), variance: 16 };
  assert.equal(keeps({}, [vague, known(5, 21)]), 2);
  assert.equal(keeps({}, [vague, known(5.5, 21)]), 1);
  assert.equal(keeps({}, [{ ...known(10, 20), needsMs: 21 }]), 0, "it may need longer than it has");
});

test("if classes are to have equal shares, a job of the one that has had most gives way", () => {
  const workload = workloadOf([{}, {}]);
  const shares = new Shares();
  const [job] = drawJobs({ workload });
  const rich = shares.classOf({ ...job, kind: 0 });
  const poor = shares.classOf({ ...job, kind: 1 });
  shares.give(rich, 10, 0);
  const plan = new Plan(shares);
  const small = known(2, 10, rich);
  const large = known(6, 10, poor);
  plan.add(small, 0, FREE);
  plan.add(large, 0, FREE);
  const another = known(3, 10, poor);
  assert.deepEqual(plan.add(another, 0, FREE), [small], "though it is the smallest");
  const second = known(2, 10, poor);
  assert.deepEqual(plan.add(second, 0, FREE), [large], "in a class, the largest one");
});
