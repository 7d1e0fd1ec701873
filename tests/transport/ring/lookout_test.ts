// How the router hears of results: it spins or polls while a core is spare, else it is notified.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as ring from "../../../src/transport/ring/ring_memory.ts";
import { echo, type Lab, setUp } from "./ring_lab.ts";

const stay = { run: () => new Promise(() => {}) };

/** A ring with a kind `long`, after which the worker continues in another turn instead of parking. */
function setUpLong(cores: number): Lab {
  const lab: Lab = setUp({ echo, stay, long: { run: () => void (lab.world.nowMs += 3) } }, cores);
  return lab;
}

/** Lets the worker serve one call, after which it is awake. */
function awaken({ world, post }: Lab): void {
  post(1, "long", 1);
  world.runMicrotask();
  world.deliver("worker");
  while (world.deliver("router"));
  assert.deepEqual([world.memory.awake[0], world.memory.control[ring.BELL]], [1, 0]);
}

/** Posts a call alone; returns whether its result is told before the router's turn has ended. */
function isToldAtOnce({ world, ended, post }: Lab, worksAlong: boolean): boolean {
  const before = ended.length;
  const { control } = world.memory;
  const work = (): void => {
    const { nowMs } = world;
    if (control[ring.WRITTEN] !== control[ring.DONE]) world.runTurn("worker"); // else it would park
    world.nowMs = nowMs; // the router is not held up
  };
  if (worksAlong) world.onAtomic = (side) => side === "worker" && work();
  post(before + 1, "long", 1);
  world.runMicrotask();
  world.onAtomic = null;
  const isTold = ended.length > before;
  while (world.runTurn("router"));
  work();
  while (world.deliver("router") || world.runTurn("router"));
  assert.equal(ended.length, before + 1);
  return isTold;
}

test("lone calls are spun for until too many spins were in vain, and probed for then", () => {
  const lab = setUpLong(8);
  lab.world.play(() => {
    awaken(lab);
    const told = (count: number, works: boolean) =>
      Array.from({ length: count }, () => isToldAtOnce(lab, works)).filter(Boolean).length;
    told(5, false);
    assert.equal(told(3, true), 3, "a few in vain do not matter");
    told(9, false);
    assert.deepEqual([told(4, true), told(20, true)], [0, 20], "some are passed over");
  });
});

test("the router polls while a core is spare, and else asks to be notified at once", () => {
  for (const [cores, bell] of [[2, 0], [1, 1]]) {
    const lab = setUpLong(cores);
    lab.world.play(() => {
      awaken(lab);
      lab.post(2, "echo", 2);
      lab.post(3, "echo", 3);
      lab.world.runMicrotask();
      assert.equal(lab.world.memory.control[ring.BELL], bell, `${cores} cores, one at work`);
    });
  }
});

for (
  const [kinds, told, toldLater] of [
    ["echo echo stay stay", 2, 2],
    ["echo stay stay stay", 0, 1],
    ["stay stay stay stay", 0, 0],
  ] as const
) {
  test(`of "${kinds}" the router fetches ${told} results at once, ${toldLater} in the end`, () => {
    const lab = setUpLong(8);
    const { world, ended, post } = lab;
    world.play(() => {
      awaken(lab);
      kinds.split(" ").forEach((kind, i) => post(i + 2, kind, i));
      world.runMicrotask();
      world.runTurn("worker");
      assert.equal(ended.length, 1);
      world.runTurn("router");
      assert.equal(ended.length - 1, told);
      world.nowMs += 1;
      world.runTurn("router");
      assert.equal(ended.length - 1, toldLater);
      if (toldLater === 0) assert.equal(world.memory.control[ring.BELL], 1, "it polls no more");
    });
  });
}
