// How the router hears of results: it spins or polls while a core is spare, else it is notified.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as ring from "../../../src/transport/ring/ring_memory.ts";
import { echo, type Lab, setUp } from "./ring_lab.ts";

const stay = { run: () => new Promise(() => {}) };

/** Lets the worker serve one call, after which it is awake and looks for more. */
function awaken({ world, post }: Lab): void {
  post(1, "echo", 1);
  world.runMicrotask();
  world.deliver("worker");
  while (world.deliver("router"));
  assert.deepEqual([world.memory.awake[0], world.memory.control[ring.BELL]], [1, 0]);
}

/** Posts a call alone; returns whether its result is told before the router's turn has ended. */
function isToldAtOnce({ world, ended, post }: Lab, worksAlong: boolean): boolean {
  const before = ended.length;
  if (worksAlong) world.onAtomic = (side) => side === "worker" && world.runTurn("worker");
  post(before + 1, "echo", 1);
  world.runMicrotask();
  world.onAtomic = null;
  const isTold = ended.length > before;
  while (world.runTurn("router"));
  world.runTurn("worker");
  while (world.deliver("router") || world.runTurn("router"));
  assert.equal(ended.length, before + 1);
  return isTold;
}

test("a lone call is spun for, and the next ones are not after spins in vain", () => {
  const lab = setUp({ echo }, 8);
  lab.world.play(() => {
    awaken(lab);
    const told = (...worksAlong: boolean[]) => worksAlong.map((works) => isToldAtOnce(lab, works));
    assert.deepEqual(
      told(false, true, true, true),
      [false, false, false, true],
      "two are left out",
    );
    assert.deepEqual(told(false, true, true, true), [false, false, false, true], "two again");
    told(false, false, false, false);
    assert.deepEqual(told(true, true, true, true, true), [false, false, false, false, true]);
  });
});

test("the router polls while a core is spare, and else asks to be notified at once", () => {
  for (const [cores, bell] of [[2, 0], [1, 1]]) {
    const lab = setUp({ echo }, cores);
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
    const lab = setUp({ echo, stay }, 8);
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
