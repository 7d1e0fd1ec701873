// ThreadPort on a thread made of strings: the moments that a real worker reaches only by chance.
import assert from "node:assert/strict";
import { test } from "node:test";
import { JobModuleError, WorkerCrashedError } from "../../src/errors.ts";
import type { Death } from "../../src/transport/port.ts";
import { ThreadPort } from "../../src/transport/thread_port.ts";
import { guarded, until } from "../fixtures/until.ts";
import { createFake, PLAIN, READY } from "./fake_thread.ts";

test(
  "ThreadPort keeps the process alive for a call, and not for an idle worker",
  guarded,
  async () => {
    const { port, told, said, makeBusy, answer } = createFake();
    makeBusy();
    answer();
    assert.deepEqual(told, ["init", "call"], "letting go each time would cost");
    await until(() => told.length > 2);
    assert.deepEqual(told, ["init", "call", "unref"]);
    port.post({ seq: 2, kind: "square", isBatch: false, payload: 4 }, []);
    assert.deepEqual(told.slice(3), ["call", "ref"]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(told.at(-1), "ref", "not while it has a call");
    answer();
    await until(() => told.at(-1) === "unref");
    assert.deepEqual(said, ["ready", "result 1 true 9", "result 2 true 9"]);
  },
);

test("ThreadPort holds one call at a time where none can be taken back", () => {
  const { port, makeBusy, answer } = createFake();
  makeBusy();
  assert.deepEqual([port.room, port.revoke(1)], [0, false]);
  answer();
  assert.equal(port.room, 1);
});

test("ThreadPort has no results to fetch where they come by message", () => {
  const { port, events, makeBusy } = createFake();
  makeBusy();
  assert.equal(port.hasResults, false);
  events.exit(1);
  assert.equal(port.hasResults, false);
});

test("ThreadPort tells the progress of the call that runs, and of no other", () => {
  const { said, makeBusy, answer, say } = createFake();
  makeBusy();
  say({ type: "helix.progress", call: 0, value: "half" });
  say({ type: "helix.progress", call: 1, value: "no such call" });
  answer();
  say({ type: "helix.progress", call: 0, value: "late" });
  assert.deepEqual(said, ["ready", "progress 1 half", "result 1 true 9"]);
});

test("ThreadPort lets an idle worker tear down, for teardownMs at most", guarded, async () => {
  const { port, events, told, said, deaths, makeBusy, answer } = createFake();
  makeBusy({ ...READY, hasTeardown: true });
  answer();
  port.terminate();
  assert.equal(told.at(-1), "exit");
  assert.equal(port.room, 0);
  await until(() => told.includes("terminate"));
  assert.ok(!said.includes("died"), "not before it has ended");
  events.exit(1);
  await until(() => said.includes("died"));
  assert.deepEqual([deaths[0].isLost, deaths[0].seq], [false, 0]);
});

test("ThreadPort tells which call a worker died in", () => {
  for (const isBusy of [true, false]) {
    const { events, deaths, makeBusy, answer } = createFake();
    makeBusy();
    if (!isBusy) answer();
    events.exit(1);
    assert.deepEqual(deaths.map(({ seq }) => seq), [isBusy ? 1 : 0]);
  }
});

test(
  "ThreadPort keeps the process alive until a worker that is being ended has",
  guarded,
  async () => {
    const { port, events, told, said, makeBusy, answer } = createFake();
    makeBusy();
    port.terminate();
    answer();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(told.at(-1), "terminate", "A late result must not unref the worker");
    events.exit(1);
    await until(() => said.includes("died"));
  },
);

test(
  "ThreadPort keeps the process alive until an idle worker has ended, too",
  guarded,
  async () => {
    const { port, events, told, said, makeBusy, answer } = createFake();
    makeBusy();
    answer();
    port.terminate();
    assert.equal(told.at(-1), "terminate");
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(!told.includes("unref"));
    events.exit(1);
    await until(() => said.includes("died"));
  },
);

test("ThreadPort is not ready any more once it is being ended", guarded, async () => {
  const { port, events, told, said, say } = createFake();
  say({ type: "helix.hello" });
  port.terminate();
  say(READY);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(told.at(-1), "terminate", "A late ready must not unref the worker");
  events.exit(1);
  await until(() => said.length > 0);
  assert.deepEqual(said, ["died"]);
});

test("ThreadPort tells of an exit inside terminate() only afterwards", guarded, async () => {
  const { port, said, deaths, makeBusy } = createFake({ exitsInside: true });
  makeBusy();
  port.terminate();
  assert.deepEqual(said, ["ready"]);
  await until(() => said.includes("died"));
  assert.ok(deaths[0].error instanceof WorkerCrashedError);
  assert.equal(deaths[0].isLost, false);
});

test("ThreadPort takes a worker for dead where nothing tells that it is", guarded, async () => {
  const { port, said, makeBusy, answer, deaths } = createFake({ ending: "sure" });
  makeBusy();
  answer();
  port.terminate();
  assert.ok(!said.includes("died"));
  await until(() => said.includes("died"));
  assert.equal(deaths[0].isLost, false);
});

test("ThreadPort loses a worker that does not end, and tells when it has", guarded, async () => {
  const { port, events, told, said, deaths, makeBusy } = createFake();
  makeBusy();
  port.terminate();
  assert.equal(told.at(-1), "terminate");
  await until(() => said.includes("died"));
  assert.deepEqual([deaths[0].isLost, deaths[0].seq], [true, 1]);
  assert.equal(told.at(-1), "unref", "a lost thread keeps no process alive");
  events.exit(1);
  events.exit(1);
  assert.deepEqual(said, ["ready", "died", "returned"]);
});

test("ThreadPort loses a worker that is starting and does not end", guarded, async () => {
  for (const saysHello of [false, true]) {
    const { port, events, said, deaths, say } = createFake();
    if (saysHello) say({ type: "helix.hello" });
    port.terminate();
    await until(() => said.includes("died"));
    assert.equal(deaths[0].isLost, true);
    events.exit(1);
    assert.deepEqual(said, ["died", "returned"]);
  }
});

test("ThreadPort has not lost a worker whose exit waits to be heard", guarded, async () => {
  const { port, events, said, deaths, makeBusy } = createFake();
  makeBusy();
  port.terminate();
  setTimeout(() => setImmediate(() => events.exit(1)), 240);
  const untilMs = performance.now() + 300; // as a job on this thread may take
  while (performance.now() < untilMs);
  await until(() => said.includes("died"));
  assert.equal(deaths[0].isLost, false);
});

test("ThreadPort tells nothing of a lost worker once it is released", guarded, async () => {
  const { port, events, told, said, makeBusy } = createFake();
  makeBusy();
  port.terminate();
  await until(() => said.includes("died"));
  port.release();
  assert.deepEqual(told.slice(-2), ["unref", "release"], "terminate() would hold Node's process");
  events.exit(1);
  assert.deepEqual(said, ["ready", "died"]);
});

test("ThreadPort that is released before it has died tells nothing more", guarded, async () => {
  const { port, events, told, said, makeBusy, answer } = createFake();
  makeBusy();
  port.terminate();
  port.release();
  answer();
  events.exit(1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(told.at(-1), "release");
  assert.deepEqual(said, ["ready"]);
});

test(
  "ThreadPort does not wait for ever for a worker that says bye, and goes on",
  guarded,
  async () => {
    const { port, said, deaths, makeBusy, say } = createFake();
    makeBusy();
    const bye = setInterval(() => say({ type: "helix.bye" }), 10);
    await until(() => said.includes("died"));
    clearInterval(bye);
    assert.equal(deaths[0].isLost, true);
    assert.equal(port.room, 0);
  },
);

test(
  "ThreadPort asks a busy worker to end where it may go on unseen; later it is lost",
  guarded,
  async () => {
    const { port, told, said, deaths, makeBusy, say } = createFake({ ending: "unknown" });
    makeBusy();
    port.terminate();
    assert.equal(told.at(-1), "exit");
    await until(() => said.includes("died"));
    assert.ok(!told.includes("terminate"), "or it could not say that it has ended");
    assert.deepEqual([deaths.length, deaths[0].isLost], [1, true]);
    say({ type: "helix.bye" });
    assert.deepEqual(said, ["ready", "died", "returned"]);
    assert.equal(told.at(-1), "terminate");
  },
);

test(
  "ThreadPort terminates a worker that may go on unseen when it is released",
  guarded,
  async () => {
    const { port, told, said, makeBusy } = createFake({ ending: "unknown" });
    makeBusy();
    port.terminate();
    await until(() => said.includes("died"));
    port.release();
    assert.deepEqual(told.slice(-3), ["terminate", "unref", "release"]);
  },
);

test("ThreadPort has not lost a busy worker that ends when it is asked", guarded, async () => {
  const { port, said, deaths, makeBusy, say } = createFake({ ending: "unknown" });
  makeBusy();
  port.terminate();
  say({ type: "helix.bye" });
  await until(() => said.includes("died"));
  assert.equal(deaths[0].isLost, false);
});

test("ThreadPort ends an idle worker that may go on unseen without asking", guarded, async () => {
  const { port, told, said, deaths, makeBusy, answer } = createFake({ ending: "unknown" });
  makeBusy();
  answer();
  port.terminate();
  assert.ok(!told.includes("exit"));
  await until(() => said.includes("died"));
  assert.equal(deaths[0].isLost, false);
});

test("ThreadPort tells the thread which lock the worker holds", () => {
  const { told, say } = createFake();
  say({ type: "helix.lock", name: "a" });
  assert.deepEqual(told, ["holds a"]);
});

test("ThreadPort fails the call whose result cannot be read, and goes on", guarded, async () => {
  const { port, events, said, makeBusy, answer } = createFake();
  events.garbled(); // no call: nothing to fail
  makeBusy();
  events.garbled();
  await until(() => said.length > 1);
  assert.match(said.at(-1)!, /^result 1 false .*cannot be deserialized/);
  port.post({ seq: 2, kind: "square", isBatch: false, payload: 4 }, []);
  answer("of call 1, too late");
  answer(16);
  answer("one too many");
  assert.equal(said.at(-1), "result 2 true 16");
  assert.equal(said.length, 3);
});

test("ThreadPort says nothing after died", () => {
  const { events, said, makeBusy, answer, say } = createFake();
  makeBusy();
  events.error(new Error("gone"));
  events.error(new Error("again"));
  events.exit(1);
  answer();
  say(READY);
  say({ type: "helix.bye" });
  events.garbled();
  assert.deepEqual(said, ["ready", "died"]);
});

test("ThreadPort hears of results between an error and the exit that follows", () => {
  const { events, port, said, deaths, makeBusy, answer } = createFake();
  makeBusy();
  events.error(new Error("of another moment"));
  assert.equal(port.room, 0);
  answer();
  assert.deepEqual(said, ["ready", "result 1 true 9"]);
  events.exit(1);
  assert.equal(said.at(-1), "died");
  assert.match(deaths[0].error.message, /of another moment/);
  assert.equal(deaths[0].seq, 0, "no call was on it any more");
});

test("ThreadPort takes an error for the end where no exit is told", guarded, async () => {
  const { events, said, deaths, makeBusy } = createFake({ ending: "sure" });
  makeBusy();
  events.error(new Error("gone"));
  await until(() => said.includes("died"));
  assert.deepEqual(said, ["ready", "died"]);
  assert.match(deaths[0].error.message, /gone/);
});

test(
  "ThreadPort takes an error before ready for a module that cannot be loaded",
  guarded,
  async () => {
    for (const thrown of ["just text", undefined, null]) {
      const { events, deaths, say } = createFake();
      say({ type: "helix.hello" });
      events.error(thrown);
      events.exit(1);
      await until(() => deaths.length > 0);
      assert.ok(deaths[0].error instanceof JobModuleError);
      assert.match(deaths[0].error.message, new RegExp(`: "?${thrown}"?$`));
    }
  },
);

test(
  "ThreadPort takes an error before the first message for an entry that cannot be loaded",
  guarded,
  async () => {
    const { events, deaths } = createFake();
    events.error(new Error("no such file"));
    events.exit(1);
    await until(() => deaths.length > 0);
    assert.ok(deaths[0].error instanceof JobModuleError);
    assert.match(
      deaths[0].error.message,
      /entry cannot be loaded: no such file\. In a bundle, .*worker: /,
    );
  },
);

test(
  "ThreadPort takes a URL that Node refuses for that of an entry in a bundle",
  guarded,
  async () => {
    const deaths: Death[] = [];
    const error = Object.assign(new TypeError("no URL"), { code: "ERR_INVALID_ARG_TYPE" });
    const start = () => {
      throw error;
    };
    const port = new ThreadPort({ ...PLAIN, start });
    const done = () => {};
    const died = (_port: unknown, death: Death) => void deaths.push(death);
    port.start({ ready: done, progress: done, result: done, died, returned: done });
    await until(() => deaths.length > 0);
    assert.ok(deaths[0].error instanceof JobModuleError);
    assert.match(
      deaths[0].error.message,
      /entry cannot be loaded: no URL\. In a bundle, .*worker: /,
    );
  },
);

test("ThreadPort takes a thread that fails before ready for one that died", guarded, async () => {
  for (const code of ["ERR_WORKER_INIT_FAILED", "ERR_WORKER_OUT_OF_MEMORY"]) {
    for (const saysHello of [false, true]) {
      const { events, deaths, say } = createFake();
      if (saysHello) say({ type: "helix.hello" });
      const error = Object.assign(new Error("no memory left"), { code });
      events.error(error);
      events.exit(1);
      await until(() => deaths.length > 0);
      assert.ok(deaths[0].error instanceof WorkerCrashedError);
      assert.equal(deaths[0].error.message, "Cannot start worker: no memory left");
      assert.equal(deaths[0].error.cause, error);
    }
  }
});

test("ThreadPort survives an error that cannot be shown as text", guarded, async () => {
  const unshowable = { toString: 1 };
  for (const isReady of [false, true]) {
    const { events, deaths, makeBusy } = createFake({ ending: "sure" });
    if (isReady) makeBusy();
    events.error(unshowable);
    await until(() => deaths.length > 0);
    assert.equal(deaths[0].error.cause, unshowable);
  }
});

test("ThreadPort that cannot make its thread tells so after start()", guarded, async () => {
  const deaths: Death[] = [];
  const port = new ThreadPort({
    start: () => {
      throw new RangeError("no threads left");
    },
    ...PLAIN,
  });
  port.start({
    ready: () => assert.fail(),
    result: () => assert.fail(),
    progress: () => assert.fail(),
    died: (_port, death) => deaths.push(death),
    returned: () => assert.fail(),
  });
  assert.equal(deaths.length, 0);
  port.terminate();
  await until(() => deaths.length > 0);
  assert.ok(deaths[0].error instanceof WorkerCrashedError);
  assert.match(deaths[0].error.message, /no threads left/);
});
