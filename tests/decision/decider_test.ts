import assert from "node:assert/strict";
import { test } from "node:test";
import type { Decision, Policy, Strategy } from "../../mod.ts";
import { Decider } from "../../src/decision/decider.ts";
import { Deadlines } from "../../src/job/deadlines.ts";
import type { Lanes } from "../../src/lanes/lanes.ts";
import { RunTimeModel } from "../../src/model/model.ts";
import type { Configuration } from "../../src/options/configuration.ts";
import { LoadGauges } from "../../src/policy/load.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { createJob } from "../job/noted_job.ts";
import { WatchedClock } from "../virtual/clock.ts";

/** A decider, and what it decides by. */
function createDecider(policy: Policy) {
  const clock = new WatchedClock();
  const load = new LoadGauges(new RunTimeModel(1), 1, { free: 1 }, new Int32Array(5));
  const configuration = { state: undefined } as unknown as Configuration;
  const deadlines = new Deadlines(clock);
  const decider = new Decider(policy, configuration, load, deadlines, clock, () => assert.fail());
  return { clock, load, decider };
}

/** Lanes of which each sends a job on to another, or takes it; `asked` is told which were asked. */
function lanesThat(next: Partial<Record<Strategy, Decision>>, asked: Strategy[] = []): Lanes {
  const lane = (strategy: Strategy) => ({
    refuse() {
      asked.push(strategy);
      assert.ok(asked.length < 100, "it asks for ever");
      return next[strategy] ?? null;
    },
  });
  const [inline, spawn, cpu_pool, batch] = [
    lane("inline"),
    lane("spawn"),
    lane("cpu_pool"),
    lane("batch"),
  ];
  return { inline, spawn, cpu_pool, batch, backpressure_drop: null } as unknown as Lanes;
}

const to = (strategy: Strategy): Decision => ({ strategy, reason: `to ${strategy}` });

test("Decider gives the policy's own decision when its lane takes the job", () => {
  for (const decision of [to("spawn"), to("backpressure_drop")]) {
    const { decider } = createDecider({ name: "one", decide: () => decision });
    assert.equal(decider.decide(createJob().job, lanesThat({}), undefined), decision);
  }
});

test("Decider follows the lanes to the one that takes the job, or to a drop", () => {
  for (const last of ["spawn", "backpressure_drop"] as const) {
    const end = to(last);
    const lanes = lanesThat({ inline: to("batch"), batch: to("cpu_pool"), cpu_pool: end });
    const { decider } = createDecider(forcedPolicy("inline"));
    assert.equal(decider.decide(createJob().job, lanes, undefined), end);
  }
});

test("Decider drops a job that lanes send in a circle, once it could have asked them all", () => {
  const asked: Strategy[] = [];
  const lanes = lanesThat({ inline: to("spawn"), spawn: to("inline") }, asked);
  const { decider } = createDecider(forcedPolicy("inline"));
  const { strategy, reason } = decider.decide(createJob().job, lanes, undefined);
  assert.deepEqual([strategy, reason], ["backpressure_drop", "lane_full"]);
  assert.equal(asked.length, 5);
});

test("Decider drops a job whose budget was over before its input was checked", () => {
  const { clock, decider } = createDecider(forcedPolicy("spawn"));
  clock.advance(100);
  const reasonAfter = (checkMs: number) =>
    decider.decide(createJob({ latencyBudgetMs: 20 }).job, lanesThat({}), 100 - checkMs).reason;
  assert.deepEqual([reasonAfter(20), reasonAfter(20.5)], ["forced", "expired"]);
});

test("Decider keeps what a policy says beside a reason for a drop that is too long", () => {
  const long = { ...to("backpressure_drop"), reason: "long".repeat(100), predictedWaitMs: 7 };
  const { decider } = createDecider({ name: "talkative", decide: () => long });
  const decision = decider.decide(createJob().job, lanesThat({}), undefined);
  assert.deepEqual(decision, { ...long, reason: "other" });
});

test("Decider lets Policy.admit() see the time of the moment", () => {
  const seen: number[] = [];
  const { clock, load, decider } = createDecider({
    ...forcedPolicy("spawn"),
    admit(_job, { nowMs }) {
      seen.push(nowMs);
      return "run";
    },
  });
  load.nowMs = 3;
  clock.advance(10);
  assert.equal(decider.admit(createJob().job), null);
  assert.deepEqual(seen, [10]);
});

test("Decider tells a policy that observes nothing of nothing", () => {
  const { decider } = createDecider(forcedPolicy("spawn")); // fails when the policy throws
  decider.observe("enqueue", createJob().job);
});
