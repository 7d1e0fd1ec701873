import * as api from "@opentelemetry/api";
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { createRouter, defineJobs } from "../../mod.ts";
import { otel } from "../../src/otel/mod.ts";
import { createFlags, isUp, raise, RELEASED, STARTED } from "../fixtures/flags.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { guarded, until } from "../fixtures/until.ts";
import { idOf, parentIdOf, Recorder } from "./recorder.ts";
import { createTracedRouter } from "./traced_router.ts";

const recorder = new Recorder();
const storage = new AsyncLocalStorage<string>();

/** Jobs of this thread that tell what they see, before and after they have waited. */
const lookers = defineJobs({
  look: {
    run: async (name: string) => {
      recorder.tracer.startSpan(`${name} sync`).end();
      const before = storage.getStore();
      await new Promise((resolve) => setTimeout(resolve, 1));
      recorder.tracer.startSpan(`${name} async`).end();
      return [before, storage.getStore()];
    },
    runBatch: (names: readonly string[]) => {
      recorder.tracer.startSpan("together").end();
      return names.map(() => [storage.getStore(), storage.getStore()]);
    },
  },
});

for (const strategy of ["inline", "spawn"] as const) {
  test(
    `on ${strategy} the caller's storages and the run's span are in force`,
    guarded,
    async () => {
      recorder.reset();
      const router = await createRouter({
        jobs: lookers,
        policy: forcedPolicy(strategy),
        telemetry: otel(api),
      });
      const names = ["a", "b", "c"];
      const seen = await Promise.all(
        names.map((name) => storage.run(`store of ${name}`, () => router.run("look", name))),
      );
      await router.close();
      await recorder.assertAllEnded();
      assert.deepEqual(seen, names.map((name) => [`store of ${name}`, `store of ${name}`]));
      const runs = recorder.spans("helix.run").map(idOf);
      const parents = names.map((name) => {
        const [parent, later] = [`${name} sync`, `${name} async`].map((inner) =>
          parentIdOf(recorder.span(inner))
        );
        assert.equal(parent, later);
        return parent;
      });
      assert.deepEqual(parents.sort(), runs.sort());
      assert.equal(new Set(parents).size, 3);
    },
  );
}

test(
  "a batch here runs within the first job's span and storages, and links the others",
  guarded,
  async () => {
    recorder.reset();
    const router = await createRouter({
      jobs: lookers,
      policy: forcedPolicy("batch"),
      batchMaxSize: 3,
      telemetry: otel(api),
    });
    const names = ["a", "b", "c"];
    const seen = await Promise.all(
      names.map((name) => storage.run(`store of ${name}`, () => router.run("look", name))),
    );
    await router.close();
    await recorder.assertAllEnded();
    assert.deepEqual(seen, names.map(() => ["store of a", "store of a"]));
    const roots = recorder.spans("helix.submit");
    const [lead, ...others] = recorder.spans("helix.run");
    const linked = (span: typeof lead) => span.links.map(({ context }) => context.spanId);
    assert.equal(parentIdOf(recorder.span("together")), idOf(lead));
    assert.deepEqual(linked(lead), roots.slice(1).map(idOf));
    for (const other of others) assert.deepEqual(linked(other), [idOf(lead)]);
    assert.deepEqual(roots.map(({ attributes }) => attributes["helix.batch_size"]), [3, 3, 3]);
  },
);

/** Calls back from where it is settled, as the language's own promises do not. */
class Late<T> {
  #hear: ((value: T) => void) | undefined;

  then(succeed: (value: T) => unknown): Late<unknown> {
    const next = new Late<unknown>();
    this.#hear = (value) => next.give(succeed(value));
    return next;
  }

  give(value: T): void {
    this.#hear?.(value);
  }
}

test("a schema that answers later keeps the caller's context", guarded, async () => {
  recorder.reset();
  const answer = new Late<{ value: string }>();
  const input = {
    "~standard": { version: 1 as const, vendor: "test", validate: () => answer as never },
  };
  const jobs = defineJobs({ look: { input, run: (name) => [name, storage.getStore()] } });
  const router = await createRouter({ jobs, policy: forcedPolicy("spawn"), telemetry: otel(api) });
  const caller = recorder.tracer.startSpan("caller");
  const submitted = api.context.with(
    api.trace.setSpan(api.context.active(), caller),
    () => storage.run("mine", () => router.run("look", "x" as never)),
  );
  storage.run("another's", () => answer.give({ value: "checked" }));
  assert.deepEqual(await submitted, ["checked", "mine"]);
  caller.end();
  await router.close();
  await recorder.assertAllEnded();
  assert.equal(parentIdOf(recorder.span("helix.submit")), idOf(caller));
});

for (const transport of ["shared_memory", "messages"] as const) {
  test(`the trace goes to a worker and on from there (${transport})`, guarded, async () => {
    recorder.reset();
    const router = await createTracedRouter("cpu_pool", { transport });
    const { traceId, parentId } = await router.run("goOn", null);
    const run = recorder.span("helix.run");
    assert.equal(traceId, run.spanContext().traceId);
    assert.equal(parentId, idOf(run));
    await router.close();
    await recorder.assertAllEnded();
  });

  test(`payloads and their traces stay together (${transport})`, guarded, async () => {
    const router = await createTracedRouter("cpu_pool", { transport });
    const inputs: unknown[] = [
      ...[5, undefined, "text", { a: [1] }, new Map([[1, { b: 2 }]]), null, -0, NaN],
      new Uint8Array([1, 2]),
    ];
    const many = Array.from({ length: 20 }, () => inputs).flat();
    const outputs = await Promise.all(many.map((input) => router.run("echo", input)));
    assert.deepEqual(outputs, many);
    await assert.rejects(router.run("echo", () => 1), { name: "JobFailedError" });
    recorder.reset();
    const seen = await Promise.all(many.map((input) => router.run("see", input)));
    await router.close();
    const parents = seen.map(({ trace }) => trace!.traceparent.split("-")[2]);
    const runs = recorder.spans("helix.run").filter(({ attributes }) =>
      attributes["helix.returned"] === undefined
    );
    assert.deepEqual(parents.sort(), runs.map(idOf).sort());
    for (const { trace, traces } of seen) assert.deepEqual(traces, [trace]);
    await recorder.assertAllEnded();
  });

  test(
    `a payload that grows while it waits to be sent keeps its trace (${transport})`,
    guarded,
    async () => {
      const router = await createTracedRouter("cpu_pool", { transport });
      await router.run("see", 1);
      recorder.reset();
      const inputs: Record<string, string>[] = [{ a: "1" }, { a: "2" }, { a: "3" }];
      const running = inputs.map((input) => router.run("see", input));
      inputs[0].long = "x".repeat(200_000);
      const parents = (await Promise.all(running)).map(({ trace }) =>
        trace!.traceparent.split("-")[2]
      );
      await router.close();
      const runs = recorder.spans("helix.run").filter(({ attributes }) =>
        attributes["helix.returned"] === undefined
      );
      assert.deepEqual(parents, runs.map(idOf));
    },
  );

  test(`a batch in a worker has the trace of each job (${transport})`, guarded, async () => {
    recorder.reset();
    const router = await createTracedRouter("batch", { transport, batchMaxSize: 3 });
    const seen = await Promise.all([1, 2, 3].map((n) => router.run("see", n)));
    await router.close();
    await recorder.assertAllEnded();
    const ids = seen[0].traces.map((trace) => trace?.traceparent.split("-")[2]);
    assert.deepEqual(ids, recorder.spans("helix.run").map(idOf));
    for (const { trace, traces } of seen) {
      assert.deepEqual(trace, seen[0].traces[0]);
      assert.deepEqual(traces, seen[0].traces);
    }
  });

  test(
    `a job in a worker keeps its own trace, and has none without telemetry (${transport})`,
    guarded,
    async () => {
      recorder.reset();
      const router = await createTracedRouter("cpu_pool", { transport });
      const flags = createFlags();
      const late = router.run("seeLater", flags);
      await until(() => isUp(flags, STARTED));
      const others = [1, 2, 3].map((n) => router.run("see", n));
      raise(flags, RELEASED);
      const traces = (await Promise.all([late, ...others])).map(({ trace }) => trace!.traceparent);
      assert.equal(new Set(traces).size, 4);
      await router.close();
      const bare = await createTracedRouter("cpu_pool", { transport, telemetry: undefined });
      assert.deepEqual(await bare.run("see", null), { trace: undefined, traces: [] });
      await bare.close();
    },
  );
}

test(
  "what the caller's trace and the propagator bring goes to the job, on every lane",
  guarded,
  async () => {
    recorder.reset();
    api.propagation.disable();
    api.propagation.setGlobalPropagator({
      inject: (_context, carrier, setter) => setter.set(carrier, "baggage", "user=7"),
      extract: (context) => context,
      fields: () => ["baggage"],
    });
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const parent = api.trace.setSpanContext(api.ROOT_CONTEXT, {
      traceId,
      spanId: "b7ad6b7169203331",
      traceFlags: 1,
      isRemote: true,
      traceState: api.createTraceState("vendor=opaque"),
    });
    for (const strategy of ["inline", "spawn", "cpu_pool", "batch"] as const) {
      recorder.reset();
      const router = await createTracedRouter(strategy);
      const { trace } = await api.context.with(parent, () => router.run("see", null));
      await router.close();
      assert.deepEqual(trace, {
        traceparent: `00-${traceId}-${idOf(recorder.span("helix.run"))}-01`,
        tracestate: "vendor=opaque",
        baggage: "user=7",
      }, strategy);
    }
    api.propagation.disable();
  },
);

test("without an SDK jobs run, and have no trace", guarded, async () => {
  for (const part of [api.trace, api.metrics, api.context]) part.disable();
  for (const strategy of ["inline", "spawn", "cpu_pool", "batch"] as const) {
    const router = await createTracedRouter(strategy);
    assert.deepEqual(await router.run("see", null), { trace: undefined, traces: [] });
    await router.close();
  }
});
