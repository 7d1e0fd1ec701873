import type {
  AnyKind,
  Death,
  JobContext,
  JobSets,
  Movable,
  PortFactory,
  PortOwner,
  WorkerCall,
  WorkerPort,
} from "../../mod.ts";
import { runCloned, sendInput } from "../transport/cloned_kind.ts";

// Kept, as tests replace them by fakes.
const { performance, setTimeout } = globalThis;

/**
 * Creates workers that are none: they run the jobs on this thread, in turns of their own. All lanes of a
 * router then are on one thread, where a test can spy, mock and step. Inputs and outputs are cloned, as on
 * the way to a real worker, and so they are on the other lanes, unless the router is created with
 * `clone: "workers"`.
 *
 * @example Usage
 * ```ts
 * import { createRouter } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import { forcedPolicy, workersHere } from "helixrouter/testing";
 * import assert from "node:assert/strict";
 *
 * const seen: number[] = [];
 * const jobs = defineJobs(import.meta.url, {
 *   square: { run: (n: number) => (seen.push(n), n * n) },
 * });
 * const policy = forcedPolicy("cpu_pool");
 * const router = await createRouter({ jobs, policy, createPort: workersHere(jobs) });
 * assert.equal(await router.run("square", 7), 49);
 * assert.deepEqual(seen, [7]);
 * await router.close();
 * ```
 *
 * @param jobs The jobs of the router. Their `setup` and `teardown` are not run.
 * @returns The factory, for `createRouter({ createPort })`.
 */
export function workersHere(jobs: JobSets): PortFactory {
  const kinds = new Map<string, AnyKind>();
  for (const set of [jobs].flat()) {
    for (const [name, kind] of Object.entries<AnyKind>(set.kinds)) kinds.set(name, kind);
  }
  return Object.assign(() => new WorkerHere(kinds), { clone: "always" as const });
}

/** A call, and what stops it. */
interface Held {
  readonly call: WorkerCall;
  readonly controller: AbortController;
}

class WorkerHere implements WorkerPort {
  readonly #kinds: ReadonlyMap<string, AnyKind>;
  #owner: PortOwner | null = null;
  #held: Held | null = null;
  #isReady = false;
  #isEnded = false;

  constructor(kinds: ReadonlyMap<string, AnyKind>) {
    this.#kinds = kinds;
  }

  get room(): number {
    return this.#isReady && !this.#isEnded && this.#held === null ? 1 : 0;
  }

  get hasResults(): boolean {
    return false;
  }

  get isRunning(): boolean {
    return this.#held !== null;
  }

  get heapBytes(): number {
    return NaN;
  }

  start(owner: PortOwner): void {
    this.#owner = owner;
    inATurn(() => {
      if (this.#isEnded) return;
      this.#isReady = true;
      owner.ready(this);
    });
  }

  post(call: WorkerCall, transfer: Movable[]): void {
    const payload = sendInput(call.payload, transfer);
    const held = { call: { ...call, payload }, controller: new AbortController() };
    this.#held = held;
    inATurn(() => this.#run(held));
  }

  revoke(): boolean {
    return false;
  }

  poll(): void {
    // Results are told as they come.
  }

  abort(seq: number): void {
    if (this.#held?.call.seq !== seq) return;
    this.#held.controller.abort(new DOMException("The job was aborted", "AbortError"));
  }

  terminate(): void {
    const seq = this.#held?.call.seq ?? 0;
    this.#isEnded = true;
    inATurn(() => this.#die({ error: new Error("The worker was terminated"), isLost: false, seq }));
  }

  release(): void {
    this.#isEnded = true;
    this.#owner = null;
  }

  #die(death: Death): void {
    const owner = this.#owner;
    this.release();
    owner?.died(this, death);
  }

  async #run({ call, controller }: Held): Promise<void> {
    const { kind, isBatch, payload, traces = [], seq } = call;
    const context: JobContext = {
      signal: controller.signal,
      isAborted: () => controller.signal.aborted,
      report: (value) => {
        if (!this.#isEnded) this.#owner?.progress(this, seq, value);
      },
      trace: traces[0],
      traces,
    };
    const startMs = performance.now();
    let busyMs = NaN;
    let ok = true;
    let value: unknown;
    try {
      controller.signal.throwIfAborted();
      const output = runCloned(this.#kinds.get(kind)!, isBatch, payload, context);
      busyMs = performance.now() - startMs;
      value = await output;
    } catch (error) {
      ok = false;
      value = error;
    }
    if (this.#isEnded) return;
    this.#held = null;
    const nowMs = performance.now();
    this.#owner!.result(this, seq, ok, value, nowMs - startMs, busyMs, nowMs);
  }
}

/** Calls `fn` in a turn of the event loop of its own. */
function inATurn(fn: () => unknown): void {
  setTimeout(fn, 0);
}
