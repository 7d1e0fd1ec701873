// How modelled workers end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ModelOwner } from "./model_owner.ts";

test("a crash tells the results first, then died with the call that ran", () => {
  const owner = ModelOwner.ready({ wakeMs: 3 }); // the crash comes before the loop wakes for the result
  const { clock, port } = owner;
  const crashing = [owner.post(), owner.post({ end: "crash" }), owner.post()][1];
  clock.run();
  assert.deepEqual(owner.words, ["ready", "result", "died"]);
  const { error, isLost, seq } = owner.said[2].death!;
  assert.deepEqual([error.message, isLost, seq], ["The modelled worker crashed", false, crashing]);
  assert.equal(port.room, 0);
  assert.deepEqual(owner.ended, [1, 2]);
  assert.deepEqual([port.isRunning, port.hasResults, port.revoke(3)], [false, false, false]);
});

test("terminate() ends a worker soon, whatever it does", () => {
  for (
    const [what, work, running] of [
      ["idle", null, 0],
      ["busy", { busyMs: 1_000 }, 1],
      ["waiting", { busyMs: 0, waitMs: 1_000 }, 1],
      ["after a wait", { busyMs: 0, waitMs: 0.1, afterMs: 1_000 }, 1],
    ] as const
  ) {
    const owner = ModelOwner.ready();
    const { clock, port } = owner;
    if (work !== null) owner.post(work);
    if (work !== null) owner.post();
    clock.advance(5);
    owner.terminate();
    assert.equal(port.room, 0);
    clock.advance(5);
    assert.deepEqual(owner.words, ["ready", "died"], what);
    const { error, isLost, seq } = owner.said[1].death!;
    assert.deepEqual([error.message, isLost, seq], ["The worker was terminated", false, running]);
    assert.deepEqual(owner.ended, running === 0 ? [] : [running], what);
    clock.run();
    assert.ok(clock.now() < 100, "nothing of it is left over");
    owner.terminate();
    clock.run();
    assert.deepEqual(owner.words, ["ready", "died"], what);
  }
});

test("results that are there when a worker is terminated are told before its death", () => {
  const owner = ModelOwner.ready({ resultMs: 1 });
  owner.post({ busyMs: 1 });
  owner.post({ busyMs: 1.5 });
  owner.post({ busyMs: 100 });
  owner.clock.occupy(1.25);
  owner.terminate();
  owner.clock.occupy(20);
  owner.clock.run();
  assert.deepEqual(owner.words, ["ready", "result", "result", "died"]);
  assert.deepEqual([owner.answered, owner.said[3].death!.seq], [[1, 2], 3]);
});

test("a worker can be terminated at any time of its start", () => {
  for (let atMs = 0; atMs <= 44; atMs += 0.5) {
    const owner = new ModelOwner({ wakeMs: 2 });
    owner.clock.runUntil(atMs);
    owner.terminate();
    owner.clock.occupy(atMs % 2 === 0 ? 0 : 10); // its start may end meanwhile
    owner.clock.run();
    assert.deepEqual(owner.words, atMs < 40 ? ["died"] : ["ready", "died"], `${atMs}`);
    assert.equal(owner.said.at(-1)!.death!.seq, 0);
  }
});

test("a worker that is released says nothing more, not even its death", () => {
  const owner = ModelOwner.ready();
  owner.post({ busyMs: 100 });
  owner.post();
  owner.clock.advance(1);
  owner.port.release();
  owner.clock.run();
  assert.deepEqual([owner.words, owner.port.room], [["ready"], 0]);
  assert.deepEqual(owner.ended, [1], "the model is told that the run is over");
  assert.ok(owner.clock.now() < 100);
  owner.terminate();
  owner.port.release();
  owner.clock.run();
  assert.deepEqual(owner.words, ["ready"]);
});

test("a worker that is released while its last results are told does not die as well", () => {
  const owner = ModelOwner.ready({ wakeMs: 3 }); // the crash comes before the loop wakes
  owner.post();
  owner.post();
  owner.post({ busyMs: 0, end: "crash" });
  owner.onResult = () => owner.port.release();
  owner.clock.run();
  assert.deepEqual(owner.words, ["ready", "result"]);
});
