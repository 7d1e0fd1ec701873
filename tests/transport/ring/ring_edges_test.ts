// Single cases of the ring that a plan of random steps seldom meets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { guarded } from "../../fixtures/until.ts";
import { echo, type Lab, setUp } from "./ring_lab.ts";
import type { Side } from "./ring_world.ts";

test("a line that is closed has told what had come, and counts its worker as awake no more", () => {
  const { world, ended, post } = setUp({ echo, stay: { run: () => new Promise(() => {}) } });
  world.play(() => {
    post(1, "echo", 1);
    post(2, "stay", 1);
    post(3, "echo", 1);
    world.runMicrotask();
    world.deliver("worker");
    assert.equal(world.memory.awake[0], 1);
    world.line.close();
    assert.equal(world.memory.awake[0], 0);
    assert.equal(world.line.sent.running, 2);
    while (world.deliver("router"));
  });
  assert.deepEqual(ended.map(({ seq }) => seq), [1]);
});

test("results come with the next message, one for a burst of them", () => {
  const { world, ended, post } = setUp({ echo });
  world.play(() => {
    for (let seq = 1; seq <= 200; seq++) post(seq, "echo", { seq });
    world.runMicrotask();
    world.deliver("worker");
    while (world.runTurn("worker"));
    const bells = world.toRouter.length;
    assert.ok(bells >= 1 && bells < 20, `${bells} messages`);
    while (world.deliver("router"));
    while (world.runMicrotask());
  });
  assert.equal(ended.length, 200);
});

test("a line says once that nothing is on its way any more", () => {
  const { world, ended, post, drains } = setUp({ echo });
  world.play(() => {
    post(1, "echo", 1);
    world.runMicrotask();
    world.deliver("worker");
    world.as("router", () => world.line.poll());
    assert.deepEqual([ended.length, drains()], [1, 1]);
    world.deliver("router"); // the notice of the same result
    world.as("router", () => world.line.poll());
  });
  assert.equal(drains(), 1);
});

/** Plays a plan again and again: each time the other side comes in one atomic operation later. */
function sweep(other: Side, cores: number, plan: (lab: Lab) => void, comeIn: (lab: Lab) => void) {
  for (let at = 0, isPast = false; !isPast; at++) {
    const lab = setUp({ echo }, cores);
    let count = 0;
    lab.world.onAtomic = (side) => {
      if (side === other && count++ === at) comeIn(lab);
    };
    lab.world.play(() => {
      plan(lab);
      lab.rest();
    });
    isPast = count <= at;
    const ended = lab.ended.map(({ value }) => value);
    assert.deepEqual(ended, lab.posted, `at atomic operation ${at}`);
    assert.equal(lab.world.memory.awake[0], 0);
  }
}

for (const cores of [0, 1, 8]) {
  test(
    `a call is run that comes while the worker works or goes to sleep (${cores} cores)`,
    guarded,
    () => {
      sweep("router", cores, ({ post }) => post(1, "echo", 1), ({ world, post }) => {
        post(2, "echo", 2);
        world.runMicrotask();
      });
    },
  );

  test(
    `a result is told that comes while the router sends or looks (${cores} cores)`,
    guarded,
    () => {
      const plan = ({ world, post }: Lab) => {
        post(1, "echo", 1);
        world.runMicrotask();
        world.deliver("worker");
        post(2, "echo", 2);
        post(3, "echo", new Map());
      };
      sweep("worker", cores, plan, ({ world }) => {
        while (world.deliver("worker"));
        world.runTurn("worker");
      });
    },
  );
}
