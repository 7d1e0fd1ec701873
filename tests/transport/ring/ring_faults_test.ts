// What a caller or a job does wrong hits its own call and no other.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobContext } from "../../../src/define/jobs.ts";
import { DEPTH } from "../../../src/transport/call_states.ts";
import { type FromWorker, resultsIn } from "../../../src/transport/protocol.ts";
import { echo, setUp } from "./ring_lab.ts";

test("a message of a job that arrives garbled hits no call", () => {
  const { world, ended, post, rest } = setUp({ echo });
  world.play(() => {
    post(1, "echo", 1);
    post(2, "echo", new Map([["a", 1]]));
    world.runMicrotask();
    world.deliver("worker"); // its mail …
    world.deliver("worker"); // … and the call to wake up
    const message: FromWorker = { type: "helix.progress", key: 1, call: 0, value: null };
    world.toRouter.unshift({ message, isGarbled: true });
    rest();
  });
  assert.deepEqual(ended.map(({ seq, ok }) => [seq, ok]), [[1, true], [2, true]]);
});

test("a message of a job that arrives garbled does not end the call that runs", () => {
  const { world, ended, post, rest } = setUp({ echo, stay: { run: () => new Promise(() => {}) } });
  world.play(() => {
    for (let seq = 1; seq <= DEPTH; seq++) {
      post(seq, "echo", new Map());
      rest();
    }
    post(DEPTH + 1, "stay", 1); // where the result of call 1 was
    rest();
    world.as("router", () => world.line.garbled());
    rest();
    assert.equal(world.line.sent.running, DEPTH + 1);
  });
  assert.equal(ended.length, DEPTH);
});

test("a call that is aborted before its worker has begun it is answered, and not run", () => {
  const { world, ended, post, rest } = setUp({
    echo,
    stay: { run: () => assert.fail("it was aborted before") },
  });
  world.play(() => {
    post(1, "stay", 1);
    post(2, "stay", new Map());
    post(3, "echo", 3);
    for (const seq of [1, 2]) {
      const call = world.line.sent.abort(seq);
      assert.equal(call, seq - 1);
      world.toWorker.push({ message: { type: "abort", call: call! }, isGarbled: false });
    }
    assert.equal(world.line.sent.revoke(1), false, "it has an end already");
    rest();
  });
  assert.deepEqual(ended.map(({ seq, ok }) => [seq, ok]), [[1, false], [2, false], [3, true]]);
  for (const { value } of ended.slice(0, 2)) assert.equal((value as Error).name, "AbortError");
});

test("a call that is aborted while its worker takes it is not run, or hears of it", () => {
  for (let at = 0, isPast = false; !isPast; at++) {
    const contexts: JobContext[] = [];
    const { world, ended, post, rest } = setUp({
      stay: { run: (_, context) => (contexts.push(context), new Promise(() => {})) },
    });
    let count = 0;
    world.onAtomic = (side) => {
      if (side !== "router" || count++ !== at) return;
      const call = world.line.sent.abort(1);
      if (call === undefined) return;
      world.toWorker.push({ message: { type: "abort", call }, isGarbled: false });
    };
    world.play(() => {
      post(1, "stay", 1);
      rest();
      isPast = count <= at;
      assert.equal(contexts.length + ended.length, 1);
      const isAborted = ended.length === 1 || contexts[0].isAborted();
      assert.equal(isAborted, !isPast, `at atomic operation ${at}`);
      if (contexts.length === 1) assert.equal(contexts[0].signal.aborted, isAborted);
      else assert.equal((ended[0].value as Error).name, "AbortError");
    });
  }
});

for (
  const [what, change] of [
    ["longer", (payload) => payload.text = "x".repeat(90_000)],
    ["circular", (payload) => payload.self = payload],
    ["one that nothing can carry", (payload) => payload.method = () => 1],
  ] as [string, (payload: Record<string, unknown>) => void][]
) {
  test(`a payload that becomes ${what} in the same turn arrives as it was posted`, () => {
    const { world, ended, post, rest } = setUp({ echo });
    const changing: Record<string, unknown> = { text: "a" };
    world.play(() => {
      post(1, "echo", changing);
      post(2, "echo", { text: "b" });
      post(3, "echo", 3);
      post(4, "echo", new Map());
      change(changing);
      rest();
      post(5, "echo", { text: "c" });
      rest();
    });
    const values = [{ text: "a" }, { text: "b" }, 3, new Map(), { text: "c" }];
    assert.deepEqual(ended.map(({ value }) => value), values);
  });
}

test("a result that arrives garbled fails its call in a moment, and then all is said", () => {
  const { world, ended, post, rest, drains } = setUp({ echo });
  world.play(() => {
    post(1, "echo", new Map());
    world.runMicrotask();
    while (world.deliver("worker"));
    world.deliver("router", true);
    assert.equal(ended.length, 0, "it may be another message that was garbled");
    rest();
  });
  assert.deepEqual(ended.map(({ seq, ok }) => [seq, ok]), [[1, false]]);
  assert.match((ended[0].value as Error).message, /^Output/);
  assert.equal(drains(), 1);
});

test("two results that arrive garbled fail their calls", () => {
  const { world, ended, post, rest } = setUp({ echo });
  world.play(() => {
    post(1, "echo", new Map());
    post(2, "echo", new Map());
    post(3, "echo", 3);
    world.runMicrotask();
    while (world.deliver("worker"));
    while (world.toRouter.some(({ message }) => resultsIn(message) !== null)) {
      world.deliver("router", true);
    }
    rest();
  });
  assert.deepEqual(ended.map(({ seq, ok }) => [seq, ok]), [[1, false], [2, false], [3, true]]);
});

test("a garbled result that comes before those ahead of it are looked at fails its call", () => {
  const { world, ended, post, rest } = setUp({ echo });
  world.play(() => {
    post(1, "echo", 1);
    post(2, "echo", new Map());
    world.runMicrotask();
    while (world.deliver("worker"));
    const mail = world.toRouter.findIndex(({ message }) => resultsIn(message) !== null);
    world.toRouter.unshift(...world.toRouter.splice(mail, 1));
    world.deliver("router", true);
    rest();
  });
  assert.deepEqual(ended.map(({ seq, ok }) => [seq, ok]), [[1, true], [2, false]]);
});

test("a payload that arrives garbled before its call is published fails the call", () => {
  const { world, ended, post, rest } = setUp({ echo });
  world.play(() => {
    post(1, "echo", new Map());
    world.deliver("worker", true);
    post(2, "echo", 2);
    rest();
  });
  assert.deepEqual(ended.map(({ seq, ok }) => [seq, ok]), [[1, false], [2, true]]);
  assert.match((ended[0].value as Error).message, /^Input/);
});

for (
  const [what, output] of [
    ["throws when it is read", () => ({
      get text() {
        throw new RangeError("unreadable");
      },
    })],
    ["is another one each time it is read", () => {
      let length = 1;
      return {
        get text() {
          return "x".repeat(length *= 10);
        },
      };
    }],
    [
      "has a hidden method toJSON",
      () => Object.defineProperty({ a: 1 }, "toJSON", { value: () => undefined }),
    ],
  ] as const
) {
  test(`an output that ${what} harms no other call`, () => {
    const { world, ended, post, rest } = setUp({ echo, odd: { run: output } });
    world.play(() => {
      post(1, "echo", { text: "a" });
      post(2, "odd", 1);
      post(3, "echo", { text: "b" });
      rest();
    });
    assert.deepEqual(ended.map(({ seq }) => seq), [1, 2, 3]);
    assert.deepEqual(ended[2].value, { text: "b" });
  });
}
