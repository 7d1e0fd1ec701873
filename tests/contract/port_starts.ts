import assert from "node:assert/strict";
import { JobModuleError } from "../../src/errors.ts";
import { createFlags, isUp, TORN_DOWN } from "../fixtures/flags.ts";
import jobs from "../fixtures/port_jobs.ts";
import { Owner } from "./port_owner.ts";
import type { PortSetUp } from "./port_way.ts";

/** What comes before the first call and after the last: modules, protocol, setup and teardown. */
export function portStarts({ way, withoutPort, another }: PortSetUp): void {
  withoutPort("a worker whose module throws dies with that error, never ready", async () => {
    const owner = new Owner(way.throwing());
    const { error, isLost } = await owner.untilDead();
    assert.ok(error instanceof JobModuleError);
    assert.match(error.message, /Cannot load this module/);
    if (way.importsModules) {
      const { cause, code } = error.cause as Error & { code: string };
      assert.ok(error.cause instanceof RangeError && cause instanceof TypeError);
      assert.deepEqual([code, cause.message], ["E_LOAD", "the reason"]);
    } // else the runtime reports it, some of them without more than a message
    assert.equal(isLost, false);
    await another();
    assert.deepEqual(owner.words, ["died"]);
  });

  withoutPort(
    "a worker of another protocol version dies, and both versions are named",
    async () => {
      const owner = new Owner(way.otherProtocol());
      const { error } = await owner.untilDead();
      assert.ok(error instanceof JobModuleError);
      assert.match(error.message, /protocol 2/);
      assert.match(error.message, /\b1\b/);
      await another();
      assert.deepEqual(owner.words, ["died"]);
    },
  );

  withoutPort("a worker that lacks a kind dies, and the kind is named", async () => {
    const kinds = { ...jobs.kinds, ghost: { run: () => 1 } };
    const owner = new Owner(way.ports({ ...jobs, kinds }));
    const { error } = await owner.untilDead();
    assert.ok(error instanceof JobModuleError);
    assert.match(error.message, /no kind "ghost"/);
    await another();
    assert.deepEqual(owner.words, ["died"]);
  });

  withoutPort("setup has run before ready", async () => {
    const owner = new Owner(way.hooked(1_000));
    await owner.untilReady();
    assert.equal(await owner.run("wasSetUp", null), true);
    owner.port.terminate();
    await owner.untilDead();
  });

  withoutPort("a worker whose setup throws dies with that error, never ready", async () => {
    const owner = new Owner(way.throwingSetup());
    const { error, seq } = await owner.untilDead();
    assert.ok(error instanceof JobModuleError);
    assert.match(error.message, /Cannot set this up/);
    const { cause, self, code } = error.cause as Error & { self: unknown; code: string };
    assert.ok(error.cause instanceof RangeError && cause instanceof TypeError);
    assert.deepEqual([code, cause.message], ["E_SET", "the reason"]);
    assert.equal(self, error.cause);
    assert.equal(seq, 0);
    await another();
    assert.deepEqual(owner.words, ["died"]);
  });

  withoutPort("teardown runs before an idle worker ends", async () => {
    const owner = new Owner(way.hooked(60_000));
    await owner.untilReady();
    const flags = createFlags();
    await owner.run("keep", flags);
    owner.port.terminate();
    assert.equal(owner.port.room, 0);
    assert.equal((await owner.untilDead()).isLost, false);
    assert.ok(isUp(flags, TORN_DOWN));
    await another();
    assert.deepEqual(owner.words, ["ready", "result", "died"]);
  });

  withoutPort("a teardown that does not end is given up after teardownMs", async () => {
    const owner = new Owner(way.hooked(100));
    await owner.untilReady();
    await owner.run("hang", null);
    owner.port.terminate();
    assert.equal((await owner.untilDead()).isLost, false);
  });
}
