import { PROTOCOL_VERSION } from "../../src/define/jobs.ts";
import type { Death, PortOwner } from "../../src/transport/port.ts";
import type { Ending, Thread, ThreadEvents } from "../../src/transport/thread.ts";
import { ThreadPort } from "../../src/transport/thread_port.ts";
import { runtimeDefaults } from "../../src/runtime/host.ts";

/** A thread without shared memory, so that nothing but messages tells what it does. */
export const PLAIN = {
  modules: ["file:///jobs.js"],
  kinds: ["square"],
  canShare: false,
  awake: undefined,
  cores: 1,
  tellsHeap: false,
  nextTurn: <A>(fn: (arg: A) => void, arg: A): void => void setTimeout(fn, 0, arg),
  realNow: () => performance.now(),
  soon: queueMicrotask,
  clock: runtimeDefaults().clock,
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
  readonly ending?: Ending;
  /** Whether the exit is told inside `terminate()`, as Deno's node:worker_threads do. */
  readonly exitsInside?: boolean;
}

/** A port on a thread that does nothing but note what it is told. */
export function createFake(options: FakeOptions = {}) {
  const { ending = "told", exitsInside = false } = options;
  const told: string[] = [];
  const said: string[] = [];
  const deaths: Death[] = [];
  let events!: ThreadEvents;
  let drawn: number | undefined;
  let answered = 0;
  const thread: Thread = {
    exitsAfterError: ending === "told",
    ending,
    post: (message) => {
      const { type, key } = message as { readonly type: string; readonly key?: number };
      told.push(type);
      if (type === "init") drawn = key;
    },
    terminate: () => {
      told.push("terminate");
      if (exitsInside) events.exit(1);
    },
    ref: () => void told.push("ref"),
    unref: () => void told.push("unref"),
    holds: (lock) => void told.push(`holds ${lock}`),
    release: () => void told.push("release"),
  };
  const owner: PortOwner = {
    ready: () => void said.push("ready"),
    progress: (_port, seq, value) => void said.push(`progress ${seq} ${value}`),
    result: (_port, seq, ok, value) => void said.push(`result ${seq} ${ok} ${value}`),
    died: (_port, death) => {
      said.push("died");
      deaths.push(death);
    },
    returned: () => void said.push("returned"),
  };
  const port = new ThreadPort({
    start: (hear) => {
      events = hear;
      return thread;
    },
    ...PLAIN,
  });
  port.start(owner);
  /** What the worker itself says carries the key. */
  const say = (message: object): void => events.message({ key: drawn, ...message });
  return {
    port,
    events,
    /** What the thread was told, what the owner heard, and how the worker died. */
    told,
    said,
    deaths,
    say,
    /** Goes through the handshake and posts call 1. */
    makeBusy(ready: object = READY): void {
      say({ type: "helix.hello" });
      say(ready);
      port.post({ seq: 1, kind: "square", isBatch: false, payload: 3 }, []);
    },
    answer(value: unknown = 9): void {
      events.message([drawn, answered++, 1, 1, value]);
    },
  };
}
