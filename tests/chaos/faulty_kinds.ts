import process from "node:process";
import { parentPort } from "node:worker_threads";
import type { AnyKind, JobContext } from "../../src/define/jobs.ts";
import { sleepNatively } from "../fixtures/sleep_natively.ts";

// The globals of all runtimes at once.
// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

/** Set on the thread of the router, where a job that ends its thread would end the campaign. */
export const ROUTER_THREAD: unique symbol = Symbol.for("helixrouter.chaos.router") as never;

/** Names of each family that kills: a kind that has killed too often may be refused. */
export const NAMES = 12;

/** What one item of a batch can do. */
export type Trick = "well" | "error" | "short" | "noArray" | "throw" | "function" | "exit";

const never = (): Promise<string> => new Promise(() => {});

/** A kind that may end its worker. */
function lethal(run: (input: number) => unknown): AnyKind {
  return { run: (input: number) => (stayAway(), run(input)) };
}

function stayAway(): void {
  if (scope[ROUTER_THREAD]) throw new Error("It ran on the thread of the router");
}

function family(name: string, kind: AnyKind): Record<string, AnyKind> {
  return Object.fromEntries(Array.from({ length: NAMES }, (_, i) => [`${name}_${i}`, kind]));
}

/** Throws, in one of the ways in which that is no fun. */
function throwOdd(way: number): never {
  const circular: Record<string, unknown> = { name: "circular" };
  circular.self = circular;
  const unreadable = Object.defineProperty(new Error("unreadable"), "field", {
    enumerable: true,
    get: () => {
      throw new Error("not to be read");
    },
  });
  const thrown = [
    undefined,
    null,
    "text",
    Symbol("symbol"),
    () => 1,
    Object.assign(new RangeError("fields"), { circular, run: () => 1 }),
    unreadable,
    new Proxy(new Error("proxy"), {
      get: () => {
        throw new Error("not to be read, either");
      },
    }),
  ];
  throw thrown[way % thrown.length];
}

function spin(ms: number, isOver: () => boolean = () => false): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs && !isOver());
}

/** Messages that are none of the router's. */
const GARBAGE: readonly unknown[] = [
  undefined,
  null,
  0,
  "helix.bye",
  [],
  {},
  { type: null },
  { type: {} },
  { type: "result", seq: 1, value: "forged" },
  { type: "helix.nonsense" },
  new Map([["type", "helix.bye"]]),
  new Uint8Array(100_000),
];

function postGarbage(count: number): string {
  const port = parentPort ?? scope;
  for (let i = 0; i < count; i++) port.postMessage(GARBAGE[i % GARBAGE.length]);
  return "sent";
}

function closeLine(): Promise<string> {
  if (parentPort === null) scope.close();
  else parentPort.close();
  return never();
}

function hoard(): never {
  const all: unknown[] = [];
  for (;;) all.push(new Array(1_000_000).fill(all.length));
}

function runAlone(trick: Trick): string {
  stayAway();
  if (trick === "exit") process.exit(4);
  if (trick === "throw" || trick === "error") throw new TypeError("item failed");
  return "well";
}

function runTogether(tricks: readonly Trick[]): (string | Error)[] {
  const outputs = tricks.map((trick): string | Error => {
    if (trick === "error") return new TypeError("item failed");
    if (trick === "function") return (() => 1) as unknown as string;
    return runAlone(trick);
  });
  if (tricks.includes("short")) outputs.pop();
  return tricks.includes("noArray") ? "no array" as unknown as string[] : outputs;
}

const scratch = new Uint8Array(16);
const batch: AnyKind = { scaling: 0.9, run: runAlone, runBatch: runTogether };

function fail(message: string): never {
  throw new RangeError(message);
}

const reject = (message: string): Promise<never> => Promise.reject(new RangeError(message));

/** Jobs that do what jobs should not do. Whatever may end its thread has no cost: it is pooled. */
export const faultyKinds: Readonly<Record<string, AnyKind>> = {
  throw_inline: { cost: 100, run: fail },
  throw_spawned: { cost: 20_000, run: fail },
  throw_pooled: { run: fail },
  reject_inline: { cost: 100, run: reject },
  reject_spawned: { cost: 20_000, run: reject },
  reject_pooled: { run: reject },
  throw_odd: { run: throwOdd },
  throw_odd_inline: { cost: 100, run: throwOdd },
  give_function: { run: () => () => 1 },
  give_much: { run: (bytes: number) => new Uint8Array(bytes).fill(bytes % 251) },
  give_many: { run: (count: number) => Array.from({ length: count }, (_, i) => `line ${i}`) },
  take_any: { run: (input: unknown) => typeof input },
  take_any_batch: {
    scaling: 0.9,
    run: (input: unknown) => typeof input,
    runBatch: (inputs: readonly unknown[]) => inputs.map((input) => typeof input),
  },
  sum: { run: (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum + byte, 0) },
  /** Moves a buffer away that it means to use again. */
  give_moved: {
    run: () => scratch,
    transferOutput: (bytes: Uint8Array<ArrayBuffer>) => [bytes.buffer],
  },
  heed: { run: (ms: number, { isAborted }: JobContext) => (spin(ms, isAborted), "heeded") },
  garbage: { run: postGarbage },
  ...family("exit", lethal((code) => process.exit(code))),
  ...family("deno_exit", lethal((code) => scope.Deno.exit(code))),
  ...family("close", lethal(closeLine)),
  ...family("reject_unheard", lethal(() => (void Promise.reject(new Error("unheard")), never()))),
  ...family("throw_outside", lethal(() => (setTimeout(fail, 0, "outside"), never()))),
  // These end well, and their worker dies some ms later: under whichever job it runs by then.
  ...family("throw_late", lethal((ms) => (setTimeout(fail, ms, "late"), "done"))),
  ...family("reject_late", lethal((ms) => (setTimeout(reject, ms, "late"), "done"))),
  ...family("exit_late", lethal((ms) => (setTimeout(() => process.exit(5), ms), "done"))),
  ...family(
    "bye",
    lethal(() => ((parentPort ?? scope).postMessage({ type: "helix.bye" }), "done")),
  ),
  ...family("loop", lethal(() => spin(Infinity))),
  ...family("overrun", lethal((ms) => (spin(ms), "over"))),
  ...family("sleep_natively", lethal((ms) => sleepNatively(ms))),
  ...family("stay", lethal(never)),
  ...family("hoard", lethal(hoard)),
  ...family("batch_faulty", batch),
  ...family("batch_faulty_idempotent", { ...batch, idempotent: true }),
};
