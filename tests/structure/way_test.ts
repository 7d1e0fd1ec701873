// The counting behind `npm run way`, on programs whose calls are known.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { runtimeInfo } from "../../mod.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import { ROOMS } from "./rooms.ts";
import { root, type Source } from "./source_tree.ts";

const load = (path: string) => import(new URL(`.ci/way/${path}`, root).href);
const { RECORDER, scriptOf, writeSources } = await load("sources.mjs");
const { cut, exceeded, isClimb, leavesFile, measure, summarize } = await load("count.mjs");
const { floorOf } = await load("rooms.mjs");
/** The same module as the rewritten programs load. */
const recorder = await import(RECORDER);

interface Fn {
  file: string;
  name: string;
  lines: number;
}

interface Call {
  fn: Fn;
  caller: Call | null;
}

/** Rewrites a program, loads its first file and lets `use` run it. */
async function withProgram<T>(
  sources: Source[],
  // deno-lint-ignore no-explicit-any
  use: (program: any, functions: Fn[]) => T | Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "helixrouter-way-test-"));
  try {
    const functions = await writeSources(folder, sources);
    const url = pathToFileURL(join(folder, scriptOf(sources[0].path))).href;
    return await use(await import(url), functions);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function depthOf({ caller }: Call): number {
  return caller === null ? 0 : 1 + depthOf(caller);
}

/** One line a call: `>` leaves the file, `^` climbs as well. */
function shown(calls: Call[]): string[] {
  return calls.map((call) => {
    const sign = isClimb(call) ? "^" : leavesFile(call) ? ">" : "-";
    return sign + "  ".repeat(depthOf(call)) + call.fn.name;
  });
}

const lower: Source = {
  path: "src/policy/lower.ts",
  text: `
export class Base {
  readonly size: number = measure(3);
  get double(): number { return this.size * 2; }
}
export class Derived extends Base {}
function measure(size: number): number { return size; }

export function pick({ double }: Base, extra = measure(1)): number { return double + extra; }
export function* pair(): Iterable<number> { yield measure(1); yield 2; }
export const run = (fn: (n: number) => number): number => fn(1);
export async function later(): Promise<number> { return measure(await 1); }
`,
};

const upper: Source = {
  path: "src/router.ts",
  text: `
import { Base, Derived, later, pair, pick, run } from "./policy/lower.ts";

export class Way {
  #base = new Base();
  readonly #add = (n: number): number => n + this.#base.size;

  pass(): number[] {
    const derived = new Derived();
    const picked = pick(derived) + derived.double;
    const ran = run(this.#add);
    return [picked, ran, this.#sum()];
  }

  /* Six lines
     without comments. */
  #sum(): number {
    let sum = 0;

    for (const n of pair()) sum += n; // two of them
    return sum;
  }

  later(): Promise<number> { return later(); }
}
`,
};

test("the rewritten program does the same, and every call that leaves a file is counted", async () => {
  await withProgram([upper, lower], (program, functions) => {
    recorder.start(functions);
    assert.deepEqual(new program.Way().pass(), [13, 4, 3]);
    const calls = recorder.stop();
    assert.deepEqual(shown(calls), [
      ">new Way",
      ">  new Base",
      "-    measure",
      ">Way.pass",
      ">  new Derived",
      "-    new Base",
      "-      measure",
      ">  pick",
      "-    get Base.double",
      "-    measure",
      ">  get Base.double",
      ">  run",
      "^    Way.#add",
      "-  Way.#sum",
      ">    pair",
      "-      measure",
      ">    pair",
      ">    pair",
    ]);
    assert.deepEqual(measure(calls), {
      calls: 11,
      accessors: 1,
      files: ["src/policy/lower.ts", "src/router.ts"],
      climbs: ["src/policy/lower.ts: run → src/router.ts: Way.#add"],
    });
    assert.equal(functions.find(({ name }) => name === "Way.#sum")!.lines, 5);
  });
});

test("who runs while a function awaits is not called by it", async () => {
  await withProgram([upper, lower], async (program, functions) => {
    const way = new program.Way();
    recorder.start(functions);
    const promise = way.later();
    way.pass();
    assert.equal(await promise, 1);
    const calls: Call[] = recorder.stop();
    const tops = calls.filter(({ caller }) => caller === null);
    assert.deepEqual(tops.map(({ fn }) => fn.name), ["Way.later", "Way.pass", "later"]);
    assert.deepEqual(shown(calls.slice(-2)), [">later", "-  measure"]);
  });
});

const wire: Source = {
  path: "src/transport/wire.ts",
  text: `
import { Job, type Owner } from "../job/job.ts";
interface WorkerPort { post(job: Job): void }
export class Port implements WorkerPort {
  post(job: Job): void { this.#send(job); }
  #send(job: Job): void { queueMicrotask(() => this.flush(job)); }
  flush(job: Job): void { job.sent(); }
}
`,
};

const job: Source = {
  path: "src/job/job.ts",
  text: `
export interface Owner { waits(): void; told(): void }
export class Job {
  readonly owner: Owner;
  constructor(owner: Owner) { this.owner = owner; }
  wait(): void { this.owner.waits(); }
  settle(): void { this.owner.told(); }
  sent(): void {}
}
`,
};

const router: Source = {
  path: "src/router.ts",
  text: `
import { Job } from "./job/job.ts";
import { Port } from "./transport/wire.ts";
interface JobOwner { waits(): void; told(): void }
export class Router implements JobOwner {
  readonly #port = new Port();
  #resolve = (): void => {};
  waits(): void {}
  told(): void { this.#resolve(); }

  submit(mark: () => void): Job {
    this.#resolve = mark;
    const job = new Job(this);
    job.wait();
    this.#port.post(job);
    job.sent();
    return job;
  }
}
`,
};

test("a way is cut where the port has posted, and where the result comes", async () => {
  await withProgram([router, job, wire], async (program, functions) => {
    const router = new program.Router();
    let settledAt = NaN;
    recorder.start(functions);
    const submitted = router.submit(() => settledAt = recorder.mark());
    const submittedAt = recorder.mark();
    recorder.startEvent("Microtask");
    await undefined;
    recorder.startEvent("MESSAGEPORT");
    submitted.settle();
    submitted.sent();
    recorder.startEvent("Timeout");
    submitted.sent();
    const way = cut({ calls: recorder.stop(), submittedAt, settledAt });
    const lines = Object.entries(way).map(([name, calls]) => [name, ...shown(calls as Call[])]);
    assert.deepEqual(lines, [
      [
        "in",
        ">Router.submit",
        ">  new Job",
        ">  Job.wait",
        ">    Router.waits",
        ">  Port.post",
        "-    Port.#send",
      ],
      ["submit", ">  Job.sent"],
      ["between", ">Port.#send (callback)", "-  Port.flush", ">    Job.sent"],
      ["back", ">Job.settle", "^  Router.told"],
      ["after", ">Job.sent"],
    ]);

    const summary = summarize(way);
    assert.deepEqual(summary.files, ["src/job/job.ts", "src/router.ts", "src/transport/wire.ts"]);
    assert.deepEqual(summary.longest, { name: "src/router.ts: Router.submit", lines: 8 });
    const limits = { in: 5, back: 2, files: 3, lines: 8, climbs: 1 };
    assert.deepEqual(exceeded(summary, limits), []);
    const over = exceeded(summary, { in: 4, back: 1, files: 2, lines: 7, climbs: 0 });
    assert.equal(over.length, 5, over.join());
  });
});

test("the floors are the rooms that the imports go by, from the ground up", () => {
  const floors: number[] = Object.keys(ROOMS).filter((room) => room !== "workers").map(floorOf);
  assert.ok(!floors.includes(-1), floors.join());
  assert.deepEqual(floors, floors.toSorted((a, b) => a - b));
});

const whole = "the way of a job is followed by each transport";
const skip = skippedIf(runtimeInfo().name !== "node", whole, "the script runs on Node");

test(whole, { skip, timeout: 120_000 }, async () => {
  const script = fileURLToPath(new URL(".ci/way.mjs", root));
  const { stdout } = await promisify(execFile)(process.execPath, [script, "--json"]);
  const { transports } = JSON.parse(stdout);
  assert.deepEqual(Object.keys(transports), ["shared_memory", "messages"]);
  for (const way of [transports.shared_memory, transports.messages]) {
    assert.ok(way.in.calls > 5 && way.back.calls > 5, stdout);
    assert.ok(way.in.files.includes("src/helix_router.ts"), stdout);
    assert.ok(way.files.length >= way.in.files.length, stdout);
  }
});
