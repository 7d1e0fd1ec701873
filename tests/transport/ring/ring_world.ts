import type { Clock } from "../../../src/clock.ts";
import assert from "node:assert/strict";
import type { AnyKind } from "../../../src/define/jobs.ts";
import type { Channel } from "../../../src/transport/channel.ts";
import type { LineOwner } from "../../../src/transport/line.ts";
import { RingLine } from "../../../src/transport/ring/ring_line.ts";
import {
  type FromWorker,
  type PlainResult,
  resultsIn,
  type ToWorker,
} from "../../../src/transport/protocol.ts";
import { Desk } from "../../../src/transport/desk.ts";
import { RingMailbox } from "../../../src/transport/ring/ring_mailbox.ts";
import { Run } from "../../../src/transport/run.ts";
import * as ring from "../../../src/transport/ring/ring_memory.ts";

/** The two threads. */
export type Side = "router" | "worker";

interface Letter<M> {
  readonly message: M;
  isGarbled: boolean;
}

/** More than any plan needs to come to rest. */
const MAX_STEPS = 50_000;

const HOOKED = ["load", "store", "add", "sub", "exchange", "compareExchange"] as const;

/**
 * Both ends of one ring on one thread. Messages, microtasks and later turns wait until a test lets
 * them come, time passes only when it is told to, and before each atomic operation of one side the
 * other side may make a step: what two threads can do to each other, in an order that is chosen.
 */
export class RingWorld {
  readonly memory: ring.RingMemory;
  readonly line: RingLine;
  readonly desk: Desk;
  readonly toWorker: Letter<ToWorker>[] = [];
  readonly toRouter: Letter<FromWorker | PlainResult>[] = [];
  /** Microtasks of the router. */
  readonly microtasks: (() => void)[] = [];
  /** What each side has put off to a later turn of its event loop. */
  readonly turns: Readonly<Record<Side, (() => void)[]>> = { router: [], worker: [] };
  /** Timers of the router. */
  readonly timers: { readonly atMs: number; readonly fn: () => void }[] = [];
  nowMs = 1_000;
  /** What a look at the clock takes. */
  lookMs = 0.02;
  readonly #clock: Clock = {
    now: () => this.nowMs,
    setTimer: (delayMs, fn, arg) => {
      const timer = { atMs: this.nowMs + delayMs, fn: () => fn(arg) };
      this.timers.push(timer);
      this.timers.sort((a, b) => a.atMs - b.atMs);
      return { cancel: () => void this.timers.splice(this.timers.indexOf(timer), 1) };
    },
    post: (fn, arg) => void this.turns.router.push(() => fn(arg)),
  };
  /** What the last `Atomics.compareExchange` found. */
  exchanged = NaN;
  /** Called before each atomic operation, unless the other side is in the middle of one of its own. */
  onAtomic: ((other: Side) => void) | null = null;
  #side: Side | null = null;
  #isNested = false;

  constructor(kinds: Readonly<Record<string, AnyKind>>, owner: LineOwner, cores: number) {
    this.memory = ring.createRingMemory(new Int32Array(new SharedArrayBuffer(4)));
    const machine = {
      cores,
      nextTurn: <A>(fn: (arg: A) => void, arg: A) => void this.turns.router.push(() => fn(arg)),
      soon: (fn: () => void) => void this.microtasks.push(fn),
      realNow: () => performance.now(),
      clock: this.#clock,
    };
    this.line = new RingLine(
      this.memory,
      Object.keys(kinds),
      machine,
      owner,
      (message, transfer) => {
        this.toWorker.push({ message: structuredClone(message, { transfer }), isGarbled: false });
      },
    );
    const channel: Channel = {
      post: (message, transfer) => {
        const sent = structuredClone(message, { transfer }) as FromWorker;
        this.toRouter.push({ message: sent, isGarbled: false });
      },
      listen() {},
      nextTurn: (fn, arg) => void this.turns.worker.push(() => fn(arg)),
      busyMs: () => 0,
      heapBytes: () => undefined,
      close() {},
    };
    const run = new Run(channel, this.memory.states, { key: 0, tellsHeap: false });
    const mailbox = new RingMailbox(this.memory, Object.values(kinds), channel, run, {
      cores,
      key: 1,
    });
    this.desk = new Desk(mailbox, this.memory.states, channel, run);
  }

  /** Lets one side do something. */
  as(side: Side, step: () => void): void {
    const before = this.#side;
    this.#side = side;
    try {
      step();
    } finally {
      this.#side = before;
    }
  }

  /** Lets the oldest message to a side arrive; garbled, if it may be. */
  deliver(to: Side, isGarbled = false): boolean {
    return to === "worker" ? this.#deliverToWorker(isGarbled) : this.#deliverToRouter(isGarbled);
  }

  runMicrotask(): boolean {
    const fn = this.microtasks.shift();
    if (fn !== undefined) this.as("router", fn);
    return fn !== undefined;
  }

  runTurn(of: Side): boolean {
    const fn = this.turns[of].shift();
    if (fn !== undefined) this.as(of, fn);
    return fn !== undefined;
  }

  /** Lets the router's next timer run, if it is time. */
  runTimer(): boolean {
    const [timer] = this.timers;
    if (timer === undefined || timer.atMs > this.nowMs) return false;
    this.timers.shift();
    this.as("router", timer.fn);
    return true;
  }

  /** Lets everything come that is on its way, and then the timers. */
  rest(): void {
    for (let steps = 0; this.#stepOn(); steps++) {
      assert.ok(steps < MAX_STEPS, "it goes on and on");
    }
  }

  #stepOn(): boolean {
    const isOn = this.runMicrotask() || this.deliver("worker") || this.deliver("router") ||
      this.runTimer() || this.runTurn("router") || this.runTurn("worker");
    if (isOn || this.timers.length === 0) return isOn;
    this.nowMs = this.timers[0].atMs;
    return this.runTimer();
  }

  /** Runs a plan with this world's clock, timers and atomic operations in place of the real ones. */
  play(plan: () => void): void {
    const before = HOOKED.map((name) => Atomics[name]);
    const { wait } = Atomics;
    const now = Object.getOwnPropertyDescriptor(performance, "now");
    // deno-lint-ignore no-explicit-any
    const atomics = Atomics as any;
    HOOKED.forEach((name, i) => {
      atomics[name] = (...args: never[]) => {
        this.#cross();
        const found = (before[i] as (...args: never[]) => number)(...args);
        if (name === "compareExchange") this.exchanged = found;
        return found;
      };
    });
    atomics.wait = () => assert.fail("A worker blocks its thread, so that no message reaches it");
    Object.defineProperty(performance, "now", {
      value: () => this.nowMs += this.lookMs,
      configurable: true,
      writable: true,
    });
    try {
      plan();
    } finally {
      HOOKED.forEach((name, i) => atomics[name] = before[i]);
      Object.assign(Atomics, { wait });
      // deno-lint-ignore no-explicit-any
      delete (performance as any).now;
      if (now !== undefined) Object.defineProperty(performance, "now", now);
    }
  }

  /** A point where the other side may come in between. */
  #cross(): void {
    if (this.#isNested || this.#side === null || this.onAtomic === null) return;
    this.#isNested = true;
    try {
      this.onAtomic(this.#side === "router" ? "worker" : "router");
    } finally {
      this.#isNested = false;
    }
  }

  #deliverToWorker(isGarbled: boolean): boolean {
    const letter = this.toWorker.shift();
    if (letter === undefined) return false;
    letter.isGarbled ||= isGarbled && letter.message.type === "mail";
    this.as(
      "worker",
      () => letter.isGarbled ? this.desk.garbled() : this.desk.hear(letter.message),
    );
    return true;
  }

  #deliverToRouter(isGarbled: boolean): boolean {
    const letter = this.toRouter.shift();
    if (letter === undefined) return false;
    letter.isGarbled ||= isGarbled && resultsIn(letter.message) !== null;
    this.as(
      "router",
      () => letter.isGarbled ? this.line.garbled() : this.line.hear(letter.message),
    );
    return true;
  }
}
