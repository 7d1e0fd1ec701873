import assert from "node:assert/strict";
import { test } from "node:test";
import {
  InvalidInputError,
  RouterClosedError,
  type SchemaResult,
  type StandardSchema,
} from "../../mod.ts";
import type { AnyKind } from "../../src/define/jobs.ts";
import { macrotask } from "../virtual/clock.ts";
import { createWorld, defineSet, Told } from "../virtual/world.ts";
import { isOpen } from "./is_open.ts";

/** A schema by hand; `validate` may throw, reject or take its time. */
function schemaOf(validate: (value: unknown) => unknown): StandardSchema<number, number> {
  const check = validate as (value: unknown) => SchemaResult<number>;
  return { "~standard": { version: 1, vendor: "test", validate: check } };
}

test("submit() checks the input with the kind's schema and runs what the schema gives", async () => {
  const kinds: Record<string, AnyKind> = {
    checked: {
      input: schemaOf((value) =>
        typeof value === "number"
          ? { value: value + 1 }
          : { issues: [{ message: "must be a number", path: ["a", { key: 0 }] }, { message: "2" }] }
      ),
      cost: (input: number) => input,
      run: (input: number) => input * 10,
    },
  };
  const { router } = await createWorld({ jobs: defineSet(kinds) });
  assert.equal(await router.run("checked", 4), 50);
  assert.equal(router.explain("checked", 4).computeCost, 5);
  await assert.rejects(router.submit("checked", "4"), (error) => {
    assert.ok(error instanceof InvalidInputError);
    assert.equal(error.issues.length, 2);
    assert.match(error.message, /invalid at "a\.0": must be a number \(and 1 more\)$/);
    return true;
  });
  assert.throws(() => router.explain("checked", "4"), InvalidInputError);
  assert.deepEqual(router.stats().rejected, { invalid_input: 1 });
  assert.equal(router.stats().submitted, 1);
});

test("submit() with a schema that throws, rejects or answers later", async () => {
  const run = (input: number) => input;
  const kinds: Record<string, AnyKind> = {
    throws: { cost: 1, run, input: schemaOf(() => assert.fail("schema")) },
    rejects: { cost: 1, run, input: schemaOf(() => Promise.reject(new Error("schema"))) },
    later: {
      cost: 1,
      run,
      input: schemaOf((value) =>
        Promise.resolve(value === 1 ? { value: 7 } : { issues: [{ message: "not one" }] })
      ),
    },
  };
  const { router } = await createWorld({ jobs: defineSet(kinds) });
  await assert.rejects(router.submit("throws", 1), /the schema threw schema$/);
  await assert.rejects(router.submit("rejects", 1), /the schema threw schema$/);
  assert.equal(await router.run("later", 1), 7);
  await assert.rejects(router.submit("later", 2), InvalidInputError);
  const told = new Told();
  router.offer("later", 1, undefined, told);
  router.offer("later", 2, undefined, told);
  assert.equal(told.status, "pending");
  await macrotask();
  assert.deepEqual([told.jobs.length, told.refusals.length], [1, 1]);
  assert.deepEqual(router.stats().rejected, { invalid_input: 4 });
});

test("drain() waits for a schema that answers later", async () => {
  let answer = (_result: SchemaResult<number>): void => {};
  const input = schemaOf(() => new Promise<SchemaResult<number>>((resolve) => answer = resolve));
  const world = await createWorld({
    jobs: defineSet({ later: { cost: 1, run: () => 5, input } as AnyKind }),
  });
  const output = world.router.run("later", 1);
  const drained = world.router.drain();
  assert.ok(await isOpen(drained));
  answer({ value: 1 });
  assert.equal(await output, 5);
  await world.clock.runAsync();
  await drained;
});

test("close() does not wait for ever for a schema that never answers", async () => {
  let answer = (_result: SchemaResult<number>): void => {};
  const input = schemaOf(() => new Promise<SchemaResult<number>>((resolve) => answer = resolve));
  const world = await createWorld({
    jobs: defineSet({ later: { cost: 1, run: () => 5, input } as AnyKind }),
  });
  const output = world.router.submit("later", 1);
  const closed = world.router.close({ drainMs: 100 });
  world.clock.advance(99);
  assert.ok(await isOpen(closed));
  world.clock.advance(1);
  await closed;
  answer({ value: 1 });
  await assert.rejects(output, RouterClosedError);
});

test("an abort while the schema takes its time is seen when it answers", async () => {
  let answer = (_result: SchemaResult<number>): void => {};
  const input = schemaOf(() => new Promise<SchemaResult<number>>((resolve) => answer = resolve));
  const world = await createWorld({
    jobs: defineSet({ later: { cost: 1, run: () => 5, input } as AnyKind }),
  });
  const controller = new AbortController();
  const output = world.router.submit("later", 1, { signal: controller.signal });
  controller.abort("gone");
  answer({ value: 1 });
  await assert.rejects(output, (error) => error === "gone");
  assert.equal(world.router.stats().submitted, 0);
});

test("a signal that is no use is refused before a schema that answers later is waited for", async () => {
  const kinds: Record<string, AnyKind> = {
    later: {
      cost: 1,
      run: (input: number) => input,
      input: schemaOf(() => Promise.reject(new Error("nobody hears of this"))),
    },
  };
  const { router } = await createWorld({ jobs: defineSet(kinds) });
  const signal = AbortSignal.abort("gone");
  await assert.rejects(router.submit("later", 1, { signal }), (reason) => reason === "gone");
  const none = { signal: {} as AbortSignal };
  await assert.rejects(router.submit("later", 1, none), /"signal" must be an AbortSignal/);
  await macrotask();
  assert.deepEqual(router.stats().rejected, { aborted: 1, invalid_hints: 1 });
});

test("a sink that throws when it is refused is counted", async () => {
  const { router } = await createWorld({});
  router.offer("nope" as never, 1, undefined, {
    settled() {},
    refused() {
      throw new Error("sink");
    },
  });
  assert.equal(router.stats().listenerErrors, 1);
});
