import { PROTOCOL_VERSION } from "../../src/define/jobs.ts";
import type { Death, PortOwner } from "../../src/transport/port.ts";
import type { Thread, ThreadEvents } from "../../src/transport/thread.ts";
import { ThreadPort } from "../../src/transport/thread_port.ts";

/** A thread without shared memory, so that nothing but messages tells what it does. */
export const PLAIN = {
  modules: ["file:///jobs.js"],
  kinds: ["square"],
  canShare: false,
  awake: undefined,
  cores: 1,
  tellsHeap: false,
  nextTurn: <A>(fn: (arg: A) => void, arg: A): void => void setTimeout(fn, 0, arg),
  now: () => performance.now(),
  teardownMs: 50,
};

/** What a worker says once it is. */
export const READY = {
  type: "helix.ready",
  protocol: PROTOCOL_VERSION,
  kinds: ["square"],
  hasTeardown: false,
};

interface FakeOptions {
  readonly stopsRunaways?: boolean;
  readonly tellsExit?: boolean;
  /** Whether the exit is told inside `terminate()`, as Deno's node:worker_threads do. */
  readonly exitsInside?: boolean;
}

/** A port on a thread that does nothing but note what it is told. */
export function createFake(options: FakeOptions = {}) {
  const { stopsRunaways = true, tellsExit = true, exitsInside = false } = options;
  const told: string[] = [];
  const said: string[] = [];
  const deaths: Death[] = [];
  let events!: ThreadEvents;
  let resultOf!: (value: unknown) => unknown;
  const thread: Thread = {
    tellsExit,
    post: (message) => {
      const { type, key } = message as { readonly type: string; readonly key?: number };
      told.push(type);
      if (type === "init") resultOf = (value) => [key, 1, 1, value];
    },
    terminate: () => {
      told.push("terminate");
      if (exitsInside) events.exit(1);
    },
    ref: () => void told.push("ref"),
    unref: () => void told.push("unref"),
  };
  const owner: PortOwner = {
    ready: () => void said.push("ready"),
    progress: (_port, seq, value) => void said.push(`progress ${seq} ${value}`),
    result: (_port, seq, ok, value) => void said.push(`result ${seq} ${ok} ${value}`),
    died: (_port, death) => {
      said.push("died");
      deaths.push(death);
    },
  };
  const port = new ThreadPort({
    start: (hear) => {
      events = hear;
      return thread;
    },
    ...PLAIN,
    stopsRunaways,
  });
  port.start(owner);
  const say = (message: unknown): void => events.message(message);
  return {
    port,
    events,
    /** What the thread was told, what the owner heard, and how the worker died. */
    told,
    said,
    deaths,
    say,
    /** Goes through the handshake and posts call 1. */
    makeBusy(ready: unknown = READY): void {
      say({ type: "helix.hello" });
      say(ready);
      port.post({ seq: 1, kind: "square", isBatch: false, payload: 3 }, []);
    },
    answer(value: unknown = 9): void {
      say(resultOf(value));
    },
  };
}
