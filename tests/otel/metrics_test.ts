import * as api from "@opentelemetry/api";
import type { Histogram } from "@opentelemetry/sdk-metrics";
import assert from "node:assert/strict";
import { test } from "node:test";
import { otel } from "../../src/otel/mod.ts";
import { createFlags, isUp, raise, RELEASED, STARTED } from "../fixtures/flags.ts";
import { guarded, until } from "../fixtures/until.ts";
import { Recorder } from "./recorder.ts";
import { createTracedRouter } from "./traced_router.ts";

/** Values by the value of one attribute. */
async function values(
  recorder: Recorder,
  name: string,
  unit: string,
  attribute: string,
): Promise<Record<string, unknown>> {
  const points = await recorder.points(name, unit);
  return Object.fromEntries(
    points.map(({ attributes, value }) => [attributes[attribute] ?? "", value]),
  );
}

test("jobs are counted and timed when they end", guarded, async () => {
  const recorder = new Recorder();
  const router = await createTracedRouter("cpu_pool", {
    telemetry: otel(api, { attributes: { "helix.router": "one" } }),
  });
  await router.run("echo", 1);
  await router.run("echo", 2);
  await assert.rejects(router.run("fail", "no"));
  await assert.rejects(router.run("exit", 3));
  await router.close();
  const base = { "helix.router": "one", "helix.strategy": "cpu_pool" };
  const points = await recorder.points("helix.jobs", "{job}");
  assert.deepEqual(points.map(({ attributes, value }) => [attributes, value]), [
    [{ ...base, "helix.job.kind": "echo", "helix.status": "completed" }, 2],
    [{ ...base, "helix.job.kind": "fail", "helix.status": "failed" }, 1],
    [{ ...base, "helix.job.kind": "exit", "helix.status": "failed" }, 1],
  ]);
  const stats = router.stats();
  for (
    const [name, of] of [
      ["helix.job.duration", "latencyMs"],
      ["helix.job.wait.duration", "waitMs"],
      ["helix.job.run.duration", "runMs"],
    ] as const
  ) {
    const [echoes, fails, ...others] = await recorder.points(name, "s") as {
      value: Histogram;
      attributes: api.Attributes;
    }[];
    assert.deepEqual(others, [], "a job whose worker died has no times");
    assert.equal(fails.value.count, 1);
    assert.deepEqual(echoes.attributes, points[0].attributes);
    assert.equal(echoes.value.count, 2);
    const { mean } = stats.series.find(({ kind }) => kind === "echo")![of];
    const sumMs = echoes.value.sum! * 1_000;
    assert.ok(Math.abs(sumMs - mean * 2) < 0.01 + sumMs * 0.05, `${name}: ${sumMs}, ${mean}`);
  }
});

test("drops are counted with their reason", guarded, async () => {
  const recorder = new Recorder();
  const router = await createTracedRouter("backpressure_drop");
  await router.submit("echo", 1);
  await router.close();
  assert.deepEqual(await values(recorder, "helix.jobs", "{job}", "helix.drop_reason"), {
    forced: 1,
  });
  assert.equal((await recorder.points("helix.jobs", "{job}"))[0].value, 1);
});

test(
  "load and workers are read when metrics are collected",
  guarded,
  async () => {
    const recorder = new Recorder();
    const router = await createTracedRouter("cpu_pool", { cpuQueueCapacity: 20 });
    const flags = [createFlags(), createFlags(), createFlags()];
    const held = flags.map((each) => router.run("hold", each));
    await until(() => isUp(flags[0], STARTED));
    await assert.rejects(router.run("echo", 1, { priority: 10 }));
    const by = (name: string, unit: string, attribute = "") =>
      values(recorder, name, unit, attribute);
    assert.deepEqual(await by("helix.job.active", "{job}"), { "": 3 });
    assert.deepEqual(await by("helix.job.waiting_for_room", "{job}"), { "": 0 });
    assert.deepEqual(await by("helix.queue.depth", "{job}", "helix.strategy"), {
      spawn: 0,
      cpu_pool: 2,
      batch: 0,
    });
    assert.deepEqual(await by("helix.queue.capacity", "{job}", "helix.strategy"), {
      spawn: 10_000,
      cpu_pool: 20,
    });
    assert.deepEqual(await by("helix.workers", "{worker}", "helix.worker.state"), {
      starting: 0,
      idle: 0,
      busy: 1,
    });
    assert.deepEqual(await by("helix.worker.starts", "{worker}"), { "": 1 });
    assert.deepEqual(await by("helix.worker.crashes", "{worker}", "helix.crash_cause"), {
      start: 0,
      error: 0,
      out_of_memory: 0,
      exit: 0,
    });
    for (const name of ["recycles", "losses"]) {
      assert.deepEqual(await by(`helix.worker.${name}`, "{worker}"), { "": 0 });
    }
    assert.deepEqual(await by("helix.submit.refusals", "{submit}", "helix.refusal"), {
      invalid_hints: 1,
    });
    const [lag] = await recorder.points("helix.event_loop.lag", "s");
    assert.equal(lag.value, router.stats().load.loopLagMs / 1_000);
    for (const each of flags) raise(each, RELEASED);
    await Promise.all(held);
    assert.deepEqual(await by("helix.job.active", "{job}"), { "": 0 });
    await router.close();
  },
);

test(
  "stats are read once for all metrics, and not once the router is closed",
  guarded,
  async () => {
    const recorder = new Recorder();
    const router = await createTracedRouter("inline", { telemetry: undefined });
    let reads = 0;
    const stop = otel(api).observe!(() => {
      reads++;
      return router.stats();
    });
    await recorder.points("helix.queue.depth", "{job}");
    assert.equal(reads, 1);
    stop();
    await recorder.points("helix.queue.depth", "{job}");
    assert.equal(reads, 1);
    await router.close();
  },
);
