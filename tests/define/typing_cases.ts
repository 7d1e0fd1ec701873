// Never run: `types_test.ts` has the compiler read it. What is right must compile to exactly these
// types; what is wrong must fail with the code that stands beside it, and for no other reason.
import { z } from "zod";
import { Buffer } from "node:buffer";
import {
  type Cloned,
  createRouter,
  defineJobs,
  type DropReason,
  type HelixRouter,
  type InputOf,
  job,
  type JobContext,
  type Jobs,
  type Kind,
  type MapItem,
  type Outcome,
  type OutputOf,
  type Policy,
  type SubmitOptions,
  thresholdPolicy,
} from "../../mod.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true
  : false;

function same<_T extends true>(): void {}

const limit = z.object({ limit: z.number().default(3) });
const here = import.meta.url;

const jobs = defineJobs(here, {
  schema: {
    input: limit,
    cost: (input) => input.limit,
    scaling: 0.8,
    run: (input, { signal }) => signal.aborted ? 0 : input.limit * 2,
    runBatch: (inputs, { isAborted }) => isAborted() ? [] : inputs.map((input) => input.limit),
  },
  lazy: {
    input: () => Promise.resolve({ default: limit }),
    cost: (input) => input.limit,
    run: (input) => `${input.limit}`,
  },
  plain: {
    cost: (input) => input.n,
    run: (input: { n: number }) => Promise.resolve(String(input.n)),
  },
  annotated: {
    run: async (input: { n: number }, { signal }: JobContext) => {
      await null;
      return signal.aborted ? 0 : input.n;
    },
    cost: (input) => input.n,
    runBatch: (inputs) => inputs.map((input) => input.n > 0 ? input.n : new Error("not above 0")),
  },
  helped: job({
    run: async (input: { n: number }, { signal }) => {
      await null;
      return signal.aborted ? 0 : input.n;
    },
  }),
  helped_schema: job({
    input: limit,
    run: async (input, { signal }) => {
      await null;
      return signal.aborted ? 0 : input.limit;
    },
  }),
  buffers: {
    transfer: (input) => [input],
    transferOutput: (output: ArrayBuffer) => [output],
    run: (input: ArrayBuffer) => input.slice(1),
  },
  nothing: { run: () => 5 },
});
const words = defineJobs({ shout: { run: (input: string) => input.toUpperCase() } });

type Kinds = typeof jobs.kinds;
same<Equal<InputOf<Kinds["schema"]>, { limit?: number | undefined }>>();
same<Equal<InputOf<Kinds["lazy"]>, { limit?: number | undefined }>>();
same<Equal<InputOf<Kinds["helped_schema"]>, { limit?: number | undefined }>>();
same<Equal<InputOf<Kinds["plain"]>, { n: number }>>();
same<Equal<InputOf<Kinds["annotated"]>, { n: number }>>();
same<Equal<InputOf<Kinds["helped"]>, { n: number }>>();
same<Equal<OutputOf<Kinds["schema"]>, number>>();
same<Equal<OutputOf<Kinds["lazy"]>, string>>();
same<Equal<OutputOf<Kinds["plain"]>, string>>();
same<Equal<OutputOf<Kinds["annotated"]>, number>>();
same<Equal<OutputOf<Kinds["helped"]>, number>>();
same<Equal<OutputOf<Kinds["helped_schema"]>, number>>();
same<Equal<OutputOf<Kinds["buffers"]>, ArrayBuffer>>();
same<Equal<OutputOf<Kinds["nothing"]>, number>>();

class Money {
  #hidden = 1;
  readonly cents: number;
  readonly tags: string[];
  constructor(cents: number, tags: string[]) {
    this.cents = cents;
    this.tags = tags;
  }
  add(other: Money): Money {
    return new Money(this.cents + other.cents + this.#hidden, this.tags);
  }
}
interface Plain {
  readonly name: string;
  at: Date;
  sizes?: number[];
}
interface Tree {
  readonly value: bigint;
  readonly children: Tree[];
}
interface Message {
  readonly name: string;
  readonly message: string;
  readonly id: number;
}
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

// What arrives is what was, where a clone is of the same type.
same<Equal<Cloned<Plain>, Plain>>();
same<Equal<Cloned<Message>, Message>>();
same<Equal<Cloned<string | undefined>, string | undefined>>();
same<Equal<Cloned<"a" | 1n | null>, "a" | 1n | null>>();
same<Equal<Cloned<void>, void>>();
same<Equal<Cloned<unknown>, unknown>>();
// deno-lint-ignore no-explicit-any
same<Equal<Cloned<any>, any>>();
same<Equal<Cloned<object>, object>>();
same<Equal<Cloned<Date | RegExp>, Date | RegExp>>();
same<Equal<Cloned<Uint8Array<ArrayBuffer>>, Uint8Array<ArrayBuffer>>>();
same<Equal<Cloned<Float64Array<ArrayBuffer>>, Float64Array<ArrayBuffer>>>();
same<Equal<Cloned<ArrayBuffer>, ArrayBuffer>>();
same<Equal<Cloned<Blob>, Blob>>();
same<Equal<Cloned<MessagePort>, MessagePort>>();
same<Equal<Cloned<ReadableStream<string>>, ReadableStream<string>>>();
same<Equal<Cloned<[Plain, number?]>, [Plain, number?]>>();
same<Equal<Cloned<readonly Plain[]>, readonly Plain[]>>();
same<Equal<Cloned<Map<string, Plain>>, Map<string, Plain>>>();
same<Equal<Cloned<Record<string, number>>, Record<string, number>>>();
same<Equal<Cloned<string & { readonly brand: "id" }>, string & { readonly brand: "id" }>>();

// What becomes something else.
same<Equal<Cloned<Buffer<ArrayBuffer>>, Uint8Array<ArrayBuffer>>>();
same<Equal<Cloned<Buffer[]>, Uint8Array<ArrayBufferLike>[]>>();
same<Equal<Cloned<Money>, { readonly cents: number; readonly tags: string[] }>>();
same<
  Equal<
    Cloned<{ of: Money | null }>,
    { of: { readonly cents: number; readonly tags: string[] } | null }
  >
>();
same<Equal<Cloned<{ a: number; f(): void; g?: () => void }>, { a: number }>>();
same<Equal<Cloned<{ a?: string | (() => void) }>, { a?: string }>>();
same<Equal<Cloned<{ a: 1; b?: never }>, { a: 1; b?: never }>>();
same<
  Equal<
    Cloned<Map<Money, Set<Buffer<ArrayBuffer>>>>,
    Map<Cloned<Money>, Set<Uint8Array<ArrayBuffer>>>
  >
>();
same<Equal<Cloned<[Money, 1]>, [Cloned<Money>, 1]>>();
same<Equal<Cloned<RangeError>, Error>>();
same<Equal<Cloned<() => void>, never>>();
same<Equal<Cloned<typeof Money>, never>>();
same<Equal<Cloned<{ [Symbol.iterator](): Iterator<number>; n: number }>, { n: number }>>();

// What pages move stays what it is.
type Moved = OffscreenCanvas | ImageBitmap | VideoFrame;
same<Equal<Cloned<Moved>, Moved>>();
same<Equal<Cloned<{ readonly picture: ImageBitmap }>, { readonly picture: ImageBitmap }>>();
export const pictures = defineJobs(here, {
  draw: {
    transfer: ({ canvas, moved }) => [canvas, ...moved],
    transferOutput: (frame: VideoFrame) => [frame],
    run: (input: { canvas: OffscreenCanvas; moved: Transferable[] }) =>
      new VideoFrame(input.canvas, { timestamp: 0 }),
  },
  resize: {
    transferOutput: (picture: ImageBitmap) => [picture],
    run: (input: ImageBitmap) => createImageBitmap(input),
  },
});
export const moved: SubmitOptions = { transfer: [] as Transferable[] };
// @ts-expect-error: TS2322 text is not moved
export const notMoved: SubmitOptions = { transfer: ["text"] };
// @ts-expect-error: TS2322 nor is a number
export const notMovedEither: SubmitOptions = { transfer: [1] };

// Types that name themselves end.
type Nested = Buffer<ArrayBuffer> | Nested[];
interface Linked {
  readonly data: Buffer<ArrayBuffer>;
  readonly next?: Linked;
}
same<Equal<Cloned<Tree>, Tree>>();
same<Equal<Cloned<Json>, Json>>();
same<Equal<NonNullable<Cloned<Linked>["next"]>["data"], Uint8Array<ArrayBuffer>>>();
export const nested: Cloned<Nested> = [new Uint8Array(1), [[new Uint8Array(2)]]];

const arriving = defineJobs(here, {
  bytes: { run: (text: string) => Buffer.from(text) },
  later: { run: (cents: number) => Promise.resolve(new Money(cents, [])) },
  plain: { run: (name: string): Plain => ({ name, at: new Date() }) },
  many: { run: (_: null) => ["a"], runBatch: (all: readonly null[]) => all.map(() => ["a"]) },
});
const staying = defineJobs({ money: { run: (cents: number) => new Money(cents, []) } });
same<Equal<OutputOf<typeof arriving.kinds.plain>, Plain>>();
same<Equal<OutputOf<typeof arriving.kinds.many>, string[]>>();
// Kinds of this thread only give what they give.
same<Equal<OutputOf<typeof staying.kinds.money>, Money>>();

export async function arrives(): Promise<void> {
  const router = await createRouter({ jobs: [arriving, staying] });
  const outcome = await router.submit("bytes", "a");
  if (outcome.status === "completed") {
    same<Equal<typeof outcome.output, Uint8Array<ArrayBuffer>>>();
    // @ts-expect-error: TS2554 bytes have no encodings
    outcome.output.toString("utf8");
  } else same<Equal<typeof outcome.strategy, "backpressure_drop">>();
  const money = await router.run("later", 1);
  same<Equal<typeof money, { readonly cents: number; readonly tags: string[] }>>();
  // @ts-expect-error: TS2339 methods stay behind
  money.add(money);
  for await (const one of router.map("later", [1])) same<Equal<typeof one, typeof money>>();
  (await router.run("money", 1)).add(new Money(1, []));
}

// A package that needs its declarations isolated names the type by hand.
export const named: Jobs<{ readonly twice: Kind<{ cost: bigint }, bigint> }> = defineJobs(here, {
  twice: {
    input: z.object({ cost: z.bigint() }),
    cost: (input) => Number(input.cost),
    run: (input, { signal }) => signal.aborted ? 0n : input.cost * 2n,
  },
});

export async function right(): Promise<void> {
  await using router = await createRouter({ jobs });
  same<Equal<typeof router, HelixRouter<Kinds>>>();
  const promise = router.submit("schema", {}, { latencyBudgetMs: 5 });
  same<Equal<typeof promise, Promise<Outcome<number>>>>();
  const outcome = await promise;
  if (outcome.status === "completed") same<Equal<typeof outcome.output, number>>();
  else same<Equal<typeof outcome.retryAfterMs, number>>();
  const output = await router.run("plain", { n: 1 });
  same<Equal<typeof output, string>>();
  await router.run("nothing", undefined);
  for await (const text of router.map("plain", [{ n: 1 }], { ordered: false })) {
    same<Equal<typeof text, string>>();
  }
  const hints = (input: { n: number }, index: number) => ({ priority: input.n + index });
  for await (const item of router.map("helped", [{ n: 1 }], { hints, settled: true })) {
    same<Equal<typeof item, MapItem<number>>>();
    if (item.status === "completed") same<Equal<typeof item.output, number>>();
    else if (item.status === "dropped") same<Equal<typeof item.reason, DropReason>>();
    else same<Equal<typeof item.error, unknown>>();
  }
  router.explain("lazy", { limit: 1 }, { signal: new AbortController().signal });
  const both = await createRouter({ jobs: [jobs, words], policy: thresholdPolicy() });
  const [number, text] = [await both.run("helped", { n: 1 }), await both.run("shout", "a")];
  same<Equal<typeof number, number>>();
  same<Equal<typeof text, string>>();
  const generic: HelixRouter<Record<string, Kind<unknown, unknown>>> = router as never;
  await generic.submit("any", 1);
}

export async function wrongCalls(): Promise<void> {
  const router = await createRouter({ jobs });
  // @ts-expect-error: TS2345 wrong kind
  await router.submit("nope", {});
  // @ts-expect-error: TS2345 wrong kind
  router.map("nope", []);
  // @ts-expect-error: TS2345 wrong input of a map
  router.map("plain", [{ n: "x" }]);
  // @ts-expect-error: TS2769 no signal for one of its jobs
  router.map("plain", [{ n: 1 }], { hints: { signal: new AbortController().signal } });
  // @ts-expect-error: TS2322 wrong input, no schema
  await router.submit("plain", { n: "x" });
  // @ts-expect-error: TS2322 wrong input, by the helper
  await router.submit("helped", { n: "x" });
  // @ts-expect-error: TS2322 wrong input, by the schema
  await router.submit("schema", { limit: "x" });
  // @ts-expect-error: TS2322 wrong input, by the schema in the helper
  await router.submit("helped_schema", { limit: "x" });
  // @ts-expect-error: TS2322 wrong input, by the lazy schema
  await router.submit("lazy", { limit: "x" });
  // @ts-expect-error: TS2561 misspelt field of the input
  await router.submit("schema", { limmit: 1 });
  // @ts-expect-error: TS2554 no input
  await router.submit("plain");
  // @ts-expect-error: TS2561 misspelt hint
  await router.submit("plain", { n: 1 }, { latencyBudget: 5 });
  // @ts-expect-error: TS2322 hint of the wrong type
  await router.submit("plain", { n: 1 }, { priority: "high" });
  // @ts-expect-error: TS2739 a controller is no signal
  await router.submit("plain", { n: 1 }, { signal: new AbortController() });
  // @ts-expect-error: TS2345 wrong output, as an argument
  export_<string>(await router.run("schema", {}));
}

function export_<T>(value: T): T {
  return value;
}

export async function wrongOutputs(): Promise<void> {
  const router = await createRouter({ jobs });
  // @ts-expect-error: TS2322 wrong output, schema
  const a: string = await router.run("schema", {});
  // @ts-expect-error: TS2322 wrong output, asynchronous
  const b: number = await router.run("plain", { n: 1 });
  // @ts-expect-error: TS2339 a drop has no output
  const c = (await router.submit("schema", {})).output;
  const both = await createRouter({ jobs: [jobs, words] });
  // @ts-expect-error: TS2345 a kind of neither set
  await both.submit("nope", {});
  // @ts-expect-error: TS2345 wrong input for the second set
  await both.submit("shout", 5);
  // @ts-expect-error: TS2322 wrong output of the second set
  const d: number = await both.run("shout", "a");
  // @ts-expect-error: TS2345 a kind of the other set
  await (await createRouter({ jobs: [words] })).submit("plain", { n: 1 });
  void [a, b, c, d];
}

export const wrongJobs: unknown[] = [
  // @ts-expect-error: TS2322 run sees what the schema does not give
  defineJobs(here, { k: { input: limit, run: (input: { limit: string }) => input } }),
  // @ts-expect-error: TS2339 cost reads what the schema does not give
  defineJobs(here, { k: { input: limit, cost: (i) => i.nope, run: (i) => i.limit } }),
  // @ts-expect-error: TS2322 cost of the wrong type
  defineJobs(here, { k: { input: limit, cost: "x", run: (i) => i.limit } }),
  // @ts-expect-error: TS2322 no run
  defineJobs(here, { k: { input: limit } }),
  // @ts-expect-error: TS2561 misspelt field
  defineJobs(here, { k: { input: limit, scalling: 0.8, run: (i) => i.limit } }),
  // @ts-expect-error: TS2322 runBatch gives something else than run
  defineJobs(here, { k: { input: limit, run: (i) => i.limit, runBatch: (is) => is.map(String) } }),
  // @ts-expect-error: TS2339 cost reads what run does not take
  defineJobs(here, { k: { cost: (i) => i.nope, run: (input: { n: number }) => input.n } }),
  // @ts-expect-error: TS2339 the context has no such field
  defineJobs(here, { k: { input: limit, run: (i, context) => context.nope + i.limit } }),
  // @ts-expect-error: TS2322 idempotent of the wrong type
  defineJobs(here, { k: { idempotent: "yes", run: (input: { n: number }) => input.n } }),
  // @ts-expect-error: TS2561 misspelt field without a module
  defineJobs({ k: { runbatch: 1, run: (input: { n: number }) => input.n } }),
  // @ts-expect-error: TS2769 runBatch of the helper gives something else than run
  job({ run: (input: { n: number }) => input.n, runBatch: (is) => is.map((i) => String(i.n)) }),
  // @ts-expect-error: TS2769 misspelt field in the helper
  job({ scalling: 1, run: (input: { n: number }) => input.n }),
];

export async function wrongOptions(): Promise<void> {
  // @ts-expect-error: TS2561 misspelt option
  await createRouter({ jobs, cpuParalelism: 2 });
  // @ts-expect-error: TS2322 option of the wrong type
  await createRouter({ jobs, cpuParallelism: "2" });
  // @ts-expect-error: TS2345 no jobs
  await createRouter({ cpuParallelism: 2 });
  // @ts-expect-error: TS2353 jobs that defineJobs did not make
  await createRouter({ jobs: { k: { run: () => 1 } } });
  // @ts-expect-error: TS2820 a strategy that does not exist
  const policy: Policy = { name: "p", decide: () => ({ strategy: "cpu-pool", reason: "r" }) };
  // @ts-expect-error: TS2561 misspelt threshold
  thresholdPolicy({ inlineTreshold: 5 });
  void policy;
}
