import { SpanStatusCode } from "@opentelemetry/api";
import * as api from "@opentelemetry/api";
import { AlwaysOffSampler, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import assert from "node:assert/strict";
import { test } from "node:test";
import { createFlags, isUp, raise, RELEASED, STARTED } from "../fixtures/flags.ts";
import { guarded, until } from "../fixtures/until.ts";
import { idOf, parentIdOf, Recorder } from "./recorder.ts";
import { createTracedRouter } from "./traced_router.ts";

const recorder = new Recorder();

/** Name, and name of the parent, of each span of the router's. */
function tree(): string[] {
  const spans = recorder.spans();
  const nameOf = (id: string | undefined) => spans.find((span) => idOf(span) === id)?.name ?? "-";
  return spans.map((span) => `${nameOf(parentIdOf(span))} > ${span.name}`);
}

/** The SDK begins spans by one clock and times them by another: between the two the thread may lose its core. */
const CLOCK_MS = 30;

/** When a span began and ended, in ms. */
function timesOf({ startTime, endTime }: ReadableSpan): [number, number] {
  const ms = ([s, ns]: api.HrTime) => s * 1_000 + ns / 1e6;
  return [ms(startTime), ms(endTime)];
}

test("a job that waited for room says at last how it ran", guarded, async () => {
  recorder.reset();
  const router = await createTracedRouter("cpu_pool", { cpuQueueCapacity: 1 });
  const wait = { whenFull: "wait" } as const;
  const all = [1, 2, 3, 4].map(() => router.run("see", null, wait));
  assert.ok(router.load.waitingForRoom > 0);
  await Promise.all(all);
  await router.close();
  await recorder.assertAllEnded();
  const roots = recorder.spans().filter(({ name }) => name === "helix.submit");
  assert.deepEqual(
    roots.map(({ attributes }) => [attributes["helix.strategy"], attributes["helix.reason"]]),
    roots.map(() => ["cpu_pool", "forced"]),
  );
  assert.equal(tree().filter((line) => line === "helix.submit > helix.wait").length, 4);
});

for (const strategy of ["inline", "spawn", "cpu_pool", "batch"] as const) {
  test(`a job on ${strategy} is a span, with what it waited and ran inside`, guarded, async () => {
    recorder.reset();
    const router = await createTracedRouter(strategy);
    const caller = recorder.tracer.startSpan("caller");
    const within = api.trace.setSpan(api.context.active(), caller);
    await api.context.with(within, () => router.run("see", null, { computeCost: 12 }));
    caller.end();
    await router.close();
    await recorder.assertAllEnded();
    const wait = strategy === "inline" ? [] : ["helix.submit > helix.wait"];
    assert.deepEqual(tree(), [
      ...wait,
      "helix.submit > helix.run",
      "caller > helix.submit",
      "- > caller",
    ]);
    const root = recorder.span("helix.submit");
    assert.deepEqual(root.attributes, {
      "helix.job.kind": "see",
      "helix.strategy": strategy,
      "helix.reason": "forced",
      ...strategy === "batch" ? {} : { "helix.predicted_wait_ms": 0 },
      "helix.compute_cost": 12,
      "helix.status": "completed",
      "helix.within_budget": true,
    });
    assert.equal(root.status.code, SpanStatusCode.UNSET);
    assert.equal(root.instrumentationScope.name, "helixrouter");
    const [start, end] = timesOf(root);
    for (const inner of recorder.spans().filter((span) => parentIdOf(span) === idOf(root))) {
      const [innerStart, innerEnd] = timesOf(inner);
      const isInside = start <= innerStart && innerStart <= innerEnd && innerEnd <= end + CLOCK_MS;
      assert.ok(isInside, `${inner.name} ${[innerStart - start, innerEnd - start, end - start]}`);
    }
  });
}

test("a dropped job is a span with the reason, and no error", guarded, async () => {
  recorder.reset();
  const router = await createTracedRouter("backpressure_drop");
  assert.equal((await router.submit("see", null)).status, "dropped");
  await router.close();
  await recorder.assertAllEnded();
  assert.deepEqual(tree(), ["- > helix.submit"]);
  const { attributes, status } = recorder.span("helix.submit");
  assert.equal(attributes["helix.status"], "dropped");
  assert.equal(attributes["helix.drop_reason"], "forced");
  assert.equal("helix.compute_cost" in attributes, false);
  assert.equal(status.code, SpanStatusCode.UNSET);
});

for (const strategy of ["inline", "spawn", "cpu_pool"] as const) {
  test(`a job that throws on ${strategy} is an error with what it threw`, guarded, async () => {
    recorder.reset();
    const router = await createTracedRouter(strategy);
    await assert.rejects(router.run("fail", "too far"), { name: "JobFailedError" });
    await router.close();
    await recorder.assertAllEnded();
    const { attributes, status, events } = recorder.span("helix.submit");
    assert.equal(attributes["helix.status"], "failed");
    assert.equal(attributes["error.type"], "RangeError");
    assert.deepEqual(status, { code: SpanStatusCode.ERROR, message: "too far" });
    assert.equal(events[0].name, "exception");
    assert.equal(events[0].attributes?.["exception.message"], "too far");
    assert.equal(recorder.span("helix.run").status.code, SpanStatusCode.ERROR);
  });
}

test("a job whose worker dies, one that is aborted, one that times out", guarded, async () => {
  recorder.reset();
  const router = await createTracedRouter("cpu_pool");
  await assert.rejects(router.run("exit", 3), { name: "WorkerCrashedError" });
  const flags = createFlags();
  const controller = new AbortController();
  const { signal } = controller;
  const held = router.run("hold", flags, { signal });
  const waiting = router.run("hold", createFlags(), { signal });
  await until(() => isUp(flags, STARTED));
  controller.abort(new Error("no longer wanted"));
  await assert.rejects(held, { message: "no longer wanted" });
  await assert.rejects(waiting, { message: "no longer wanted" });
  const timedOut = router.run("hold", createFlags(), { runTimeoutMs: 20 });
  await assert.rejects(timedOut, { name: "JobTimeoutError" });
  await router.close();
  await recorder.assertAllEnded();
  const ends = recorder.spans("helix.submit").map(({ attributes, status }) => [
    attributes["helix.status"],
    attributes["error.type"],
    status.code,
  ]);
  assert.deepEqual(ends, [
    ["failed", "WorkerCrashedError", SpanStatusCode.ERROR],
    ["cancelled", undefined, SpanStatusCode.UNSET],
    ["cancelled", undefined, SpanStatusCode.UNSET],
    ["timed_out", "JobTimeoutError", SpanStatusCode.ERROR],
  ]);
});

test("close() ends the spans of all that it cancels", guarded, async () => {
  recorder.reset();
  for (const strategy of ["spawn", "cpu_pool"] as const) {
    const router = await createTracedRouter(strategy, { spawnConcurrency: 1 });
    const [first, second] = [createFlags(), createFlags()];
    const jobs = [router.run("hold", first), router.run("hold", second)];
    const refused = jobs.map((job) => assert.rejects(job, { name: "RouterClosedError" }));
    await until(() => isUp(first, STARTED));
    await router.close({ drainMs: 0 });
    await Promise.all(refused);
  }
  await recorder.assertAllEnded();
  const statuses = recorder.spans("helix.submit").map((span) => span.attributes["helix.status"]);
  assert.deepEqual(statuses, ["cancelled", "cancelled", "cancelled", "cancelled"]);
});

test("jobs of a lost batch wait and run again", guarded, async () => {
  recorder.reset();
  const router = await createTracedRouter("batch", { batchMaxSize: 2 });
  assert.deepEqual(
    await Promise.all([router.run("exitTogether", 1), router.run("exitTogether", 2)]),
    [1, 2],
  );
  await router.close();
  await recorder.assertAllEnded();
  const runs = recorder.spans("helix.run").map((span) => span.attributes["helix.returned"]);
  assert.deepEqual(runs, [true, true, undefined, undefined]);
  assert.equal(recorder.spans("helix.wait").length, 4);
});

test("submits that are refused, and explain(), make no span", guarded, async () => {
  recorder.reset();
  const router = await createTracedRouter("inline");
  await assert.rejects(router.run("see", null, { computeCost: -1 }));
  router.explain("see", null);
  await router.close();
  await assert.rejects(router.run("see", null));
  assert.deepEqual(recorder.spans(), []);
});

test(
  "a job that is not sampled has no spans inside, and goes on with its trace",
  guarded,
  async () => {
    const off = new Recorder(new AlwaysOffSampler());
    const router = await createTracedRouter("cpu_pool");
    const flags = createFlags();
    raise(flags, RELEASED);
    assert.equal(await router.run("hold", flags), "released");
    const { trace } = await router.run("see", null);
    await router.close();
    assert.match(trace!.traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    await off.assertAllEnded();
    assert.deepEqual(off.spans(), []);
  },
);
