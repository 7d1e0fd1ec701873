import assert from "node:assert/strict";
import { test } from "node:test";
import { DecisionFeed } from "../../src/decision/feed.ts";
import type { DecisionRecord } from "../../src/decision/record.ts";
import { RunTimeModel } from "../../src/model/model.ts";
import { LoadGauges } from "../../src/policy/load.ts";
import { createJob } from "../job/noted_job.ts";

/** A feed, and how often a listener has failed. */
function createFeed() {
  const load = new LoadGauges(new RunTimeModel(1), 1, { free: 1 });
  const errors: string[] = [];
  return { feed: new DecisionFeed("mine", load, () => errors.push("failed")), load, errors };
}

test("DecisionFeed tells each of its listeners, and is heard as long as there are any", () => {
  const { feed } = createFeed();
  const told: string[] = [];
  const hears = [feed.isHeard];
  const [leaveA, leaveB] = ["a", "b"].map((name) =>
    feed.add(({ jobId }) => told.push(`${name} ${jobId}`))
  );
  const tell = (jobId: number) => feed.tell({ jobId } as DecisionRecord);
  tell(1);
  hears.push(feed.isHeard);
  leaveA();
  tell(2);
  hears.push(feed.isHeard);
  leaveB();
  tell(3);
  hears.push(feed.isHeard);
  assert.deepEqual(told, ["a 1", "b 1", "b 2"]);
  assert.deepEqual(hears, [false, true, true, false]);
});

test("DecisionFeed counts a listener that throws, and tells the others", () => {
  const { feed, errors } = createFeed();
  let heard = 0;
  feed.add(() => assert.fail());
  feed.add(() => heard++);
  feed.tell({} as DecisionRecord);
  assert.deepEqual([errors.length, heard], [1, 1]);
});

test("DecisionFeed puts down a decision, what is known of the job, and the load", () => {
  const { feed, load } = createFeed();
  load.poolWaiting = 7;
  const decision = { strategy: "spawn", reason: "test", predictedRunMs: 3 } as const;
  const record = (options = {}) => feed.record(createJob(options).job.facts, decision);
  const { load: figures, ...all } = record({ computeCost: 0, latencyBudgetMs: 20, priority: 9 });
  assert.deepEqual(all, {
    ...decision,
    jobId: 1,
    kind: "k",
    computeCost: 0,
    scalingPotential: 0.5,
    latencyBudgetMs: 20,
    priority: 9,
    policy: "mine",
  });
  load.poolWaiting = 8;
  assert.equal(figures.poolWaiting, 7, "the load of then");
  const { computeCost, latencyBudgetMs } = record();
  assert.deepEqual([computeCost, latencyBudgetMs], [undefined, undefined]);
});
