import assert from "node:assert/strict";
import { WorkerCrashedError } from "../../src/errors.ts";
import { createFlags, type Flags, isUp, raise, RELEASED, STARTED } from "../fixtures/flags.ts";
import { until } from "../fixtures/until.ts";
import { Owner } from "./port_owner.ts";
import type { PortSetUp } from "./port_way.ts";

/** The call of `sleepNatively` follows at once, but not in the same moment. */
async function untilAsleep(flags: Flags): Promise<void> {
  await until(() => isUp(flags, STARTED));
  await new Promise((resolve) => setTimeout(resolve, 50));
}

/** How a worker must end, and what its death tells. */
export function portDeaths({ way, createPort, withoutPort, another }: PortSetUp): void {
  withoutPort("terminate() ends an idle worker; died comes once and last", async () => {
    const owner = new Owner(createPort);
    await owner.untilReady();
    owner.port.terminate();
    owner.port.terminate();
    assert.deepEqual(owner.words, ["ready"], "died must not come inside terminate()");
    const { isLost, seq } = await owner.untilDead();
    assert.deepEqual([isLost, seq], [false, 0]);
    await another();
    assert.deepEqual(owner.words, ["ready", "died"]);
  });

  withoutPort("terminate() ends a worker that waits in a call", async () => {
    const owner = new Owner(createPort);
    await owner.untilReady();
    const flags = createFlags();
    const running = owner.post("wait", flags);
    await until(() => isUp(flags, STARTED));
    owner.post("echo", "behind it");
    owner.port.terminate();
    const { error, isLost, seq } = await owner.untilDead();
    assert.ok(error instanceof WorkerCrashedError);
    assert.equal(isLost, false);
    assert.equal(seq, running);
    await another();
    assert.deepEqual(owner.words, ["ready", "died"]);
  });

  withoutPort("terminate() ends a worker that is being started", async () => {
    const owner = new Owner(createPort);
    owner.port.terminate();
    await owner.untilDead();
    await another();
    assert.deepEqual(owner.words, ["died"]);
  });

  if (way.stopsLoops) {
    withoutPort("terminate() ends a synchronous endless loop", async () => {
      const owner = new Owner(createPort);
      await owner.untilReady();
      const flags = createFlags();
      owner.post("loopForEver", flags);
      await until(() => isUp(flags, STARTED));
      owner.port.terminate();
      assert.equal((await owner.untilDead()).isLost, false);
      await another();
      assert.deepEqual(owner.words, ["ready", "died"]);
    });
  }

  withoutPort("terminate() loses a worker in a native call; returned tells its end", async () => {
    const owner = new Owner(createPort);
    await owner.untilReady();
    const flags = createFlags();
    const seq = owner.post("sleepNatively", { flags, ms: 1_500 });
    await untilAsleep(flags);
    owner.port.terminate();
    const death = await owner.untilDead();
    assert.deepEqual([death.isLost, death.seq], [true, seq]);
    assert.equal(owner.port.room, 0);
    await until(() => owner.words.includes("returned"));
    await another();
    assert.deepEqual(owner.words, ["ready", "died", "returned"]);
  });

  if (!way.stopsLoops) {
    withoutPort("terminate() loses a worker in a loop; returned tells its end", async () => {
      const owner = new Owner(createPort);
      await owner.untilReady();
      const { release } = await owner.occupy();
      owner.port.terminate();
      assert.equal((await owner.untilDead()).isLost, true);
      await another();
      assert.deepEqual(owner.words, ["ready", "died"]);
      release();
      await until(() => owner.words.includes("returned"));
    });
  }

  withoutPort("release() of a lost worker: the owner hears nothing more", async () => {
    const owner = new Owner(createPort);
    await owner.untilReady();
    const flags = createFlags();
    owner.post("sleepNatively", { flags, ms: 800 });
    await untilAsleep(flags);
    owner.port.terminate();
    await owner.untilDead();
    owner.port.release();
    await new Promise((resolve) => setTimeout(resolve, 600));
    await another();
    assert.deepEqual(owner.words, ["ready", "died"]);
  });

  withoutPort("release() of a worker that has not died: the owner hears nothing more", async () => {
    const owner = new Owner(createPort);
    await owner.untilReady();
    const { release } = await owner.occupy();
    owner.port.release();
    release();
    await another();
    assert.deepEqual(owner.words, ["ready"]);
  });

  withoutPort("a worker that exits has died, once", async () => {
    const owner = new Owner(createPort);
    await owner.untilReady();
    owner.post("exit", 3);
    const { error, isLost } = await owner.untilDead();
    assert.ok(error instanceof WorkerCrashedError);
    assert.equal(error.exitCode, way.tellsExitCode ? 3 : undefined);
    assert.equal(isLost, false);
    await another();
    owner.port.terminate();
    await another();
    assert.deepEqual(owner.words, ["ready", "died"]);
  });

  withoutPort("a death tells the call that ran: those before it have results", async () => {
    const owner = new Owner(createPort);
    await owner.untilReady();
    const { seq: before, release } = await owner.occupy();
    const also = owner.post("echo", { b: 1 });
    const killer = owner.post("exit", 3);
    const flags = createFlags();
    owner.post("start", flags);
    release();
    const { seq } = await owner.untilDead();
    assert.equal(seq, killer);
    assert.deepEqual(owner.answered, [before, also]);
    assert.equal(isUp(flags, STARTED), false, "what is behind it has not begun");
  });

  withoutPort("a death tells what ran from what has ended, when it is terminated", async () => {
    for (let round = 0; round < 3; round++) {
      const owner = new Owner(createPort);
      await owner.untilReady();
      for (let n = 0; n < 50; n++) await owner.run("echo", n);
      const { seq: before, release } = await owner.occupy();
      const also = owner.post("echo", 1);
      const flags = createFlags();
      const running = owner.post("hold", flags);
      const behind = owner.post("echo", 2);
      release();
      await until(() => isUp(flags, STARTED));
      owner.port.terminate();
      raise(flags, RELEASED); // or Deno could not stop it
      const { seq, untold = [] } = await owner.untilDead();
      const ended = [...owner.answered, ...untold];
      for (const one of [before, also]) assert.ok(ended.includes(one), `${one} of ${ended}`);
      if (way.stopsLoops && seq !== 0) assert.equal(seq, running);
      assert.ok(seq !== behind && !untold.some((one) => owner.answered.includes(one)));
    }
  });

  withoutPort("a worker that throws outside its call has died, once", async () => {
    const owner = new Owner(createPort);
    await owner.untilReady();
    owner.post("throwOutside", null);
    const { error } = await owner.untilDead();
    assert.ok(error instanceof WorkerCrashedError);
    assert.match(error.message, /outside/);
    await another();
    assert.deepEqual(owner.words, ["ready", "died"]);
  });
}
