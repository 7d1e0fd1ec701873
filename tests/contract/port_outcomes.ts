import assert from "node:assert/strict";
import { createFlags, raise, RELEASED } from "../fixtures/flags.ts";
import { THROWN, THROWN_NAMES, type ThrownName } from "../fixtures/thrown.ts";
import { shapeOf } from "../fixtures/thrown_shape.ts";
import { until } from "../fixtures/until.ts";
import type { PortSetUp } from "./port_way.ts";

/** What a call must tell: how far it is, and how it ended. */
export function portOutcomes({ withPort, another }: PortSetUp): void {
  withPort("a running call tells how far it is", async (owner) => {
    const [first, second] = [createFlags(), createFlags()];
    const seqs = [owner.post("tell", first), owner.post("tell", second)];
    const progress = () =>
      owner.said.flatMap((said) => said.what === "progress" ? [[said.seq, said.value]] : []);
    await until(() => progress().length >= 2);
    raise(first, RELEASED);
    await until(() => progress().length >= 4);
    raise(second, RELEASED);
    await owner.resultOf(seqs[1]);
    assert.deepEqual(
      progress(),
      seqs.flatMap((seq) => [[seq, 1], [seq, { done: "half" }]]),
    );
  });

  withPort("a call that has ended tells nothing more", async (owner) => {
    await owner.run("keepReport", null);
    await owner.run("useReport", null);
    await another();
    assert.deepEqual(owner.words, ["ready", "result", "result"]);
  });

  withPort("a failing call gives what was thrown, and the worker goes on", async (owner) => {
    const { ok, value } = await owner.resultOf(owner.post("fail", "broken"));
    assert.equal(ok, false);
    assert.ok(value instanceof Error);
    assert.deepEqual([value.name, value.message], ["TypeError", "broken"]);
    assert.match(value.stack!, /port_jobs/);
    assert.equal(await owner.run("add", { a: 1, b: 2 }), 3);
  });

  withPort("a call tells how long it ran, and kept its thread busy", async (owner) => {
    const short = await owner.resultOf(owner.post("add", { a: 1, b: 2 }));
    assert.equal(short.busyMs, short.runMs);
    const { runMs, busyMs } = await owner.resultOf(owner.post("busyThenIdle", 30));
    // On a busy machine a part of the wait counts, too: ticks are late for whatever reason.
    assert.ok(busyMs >= 30 && busyMs <= runMs - 30 * 0.3, `${busyMs} of ${runMs}`);
    const failed = await owner.resultOf(owner.post("busyThenFail", 30));
    assert.ok(!failed.ok && failed.busyMs >= 30, `${failed.busyMs} of ${failed.runMs}`);
    const again = await owner.resultOf(owner.post("echo", new Map())); // by message
    assert.equal(again.busyMs, again.runMs);
  });

  withPort("errors arrive as what they are, with all that they refer to", async (owner) => {
    const thrown = async (name: ThrownName) => {
      const { ok, value } = await owner.resultOf(owner.post("failWith", name));
      assert.equal(ok, false);
      return value;
    };
    for (const name of THROWN_NAMES) {
      assert.deepEqual(shapeOf(await thrown(name)), shapeOf(THROWN[name]()), name);
    }
    assert.ok(await thrown("rangeError") instanceof RangeError);
    assert.ok(await thrown("subclass") instanceof RangeError);
    assert.ok(await thrown("foreign") instanceof TypeError);
    assert.ok(await thrown("foreignAggregate") instanceof AggregateError);
    assert.ok(await thrown("timeout") instanceof DOMException);
    const notFound = await thrown("notFound") as NodeJS.ErrnoException;
    assert.deepEqual([notFound.code, notFound.syscall], ["ENOENT", "open"]);
    assert.equal(typeof notFound.errno, "number");
    assert.equal(await owner.run("add", { a: 1, b: 2 }), 3);
  });

  withPort("the failed items of a batch share what they refer to", async (owner) => {
    const names = Array.from({ length: 200 }, () => "error");
    const { ok, value } = await owner.resultOf(owner.post("failWith", names, [], true));
    assert.equal(ok, true);
    const errors = value as (RangeError & { shared: { names: unknown } })[];
    assert.equal(errors.length, names.length);
    for (const error of errors) {
      assert.ok(error instanceof RangeError);
      assert.equal(error.shared, errors[0].shared);
    }
    assert.deepEqual(errors[0].shared.names, names);
  });

  withPort("a batch gives its outputs in order, failed items as errors", async (owner) => {
    const { ok, value } = await owner.resultOf(owner.post("scale", [1, -2, 3], [], true));
    assert.equal(ok, true);
    const [first, second, third] = value as unknown[];
    assert.deepEqual([first, third], [10, 30]);
    assert.ok(second instanceof Error);
    const { name, message, input } = second as Error & { input: number };
    assert.deepEqual([name, message, input], ["BelowZeroError", "below 0: -2", -2]);
  });
}
