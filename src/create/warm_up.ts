// In bundles for browsers, `warm_up.browser.ts` is in the place of this file.
import type { Clock, Timer } from "../clock.ts";
import { defineJobs, type Kind } from "../define/jobs.ts";
import { HelixRouter } from "../helix_router.ts";
import { RunTimeModel } from "../model/model.ts";
import { resolveOptions } from "../options/options.ts";
import type { Outcome } from "../outcome.ts";
import { Router } from "../router.ts";
import type { RuntimeDefaults } from "../runtime_defaults.ts";
import { KindInfo } from "../submit/kind.ts";
import type { PortOwner, WorkerPort } from "../transport/port.ts";
import type { WorkerCall } from "../worker_call.ts";

/**
 * With 60, three quarters as many of 200 jobs at once are in budget, and with 300, six sevenths
 * (`simulate --jobs 200`, Node 20).
 */
const JOBS = 120;
/** How long each kind runs in a worker, in ms: an input is that. */
const SHORT_MS = 0.05;
const LONG_MS = 20;
/** By then, all jobs have ended long since. */
const MOST_TURNS = 10 * JOBS;

type DryKind = Kind<number, unknown>;

const run = (input: number): unknown => input;
const jobs = defineJobs({
  short: { run },
  batched: { cost: Number, run, runBatch: (inputs: readonly number[]) => inputs },
  long: { run },
});

let isWarm = false;

/**
 * Has the engine compile what each job needs, once, while workers boot: with it, the first job takes 4 instead of 9 ms,
 * and `createRouter()` 4 to 13 ms longer (Node 20 and 24, 2 cores, 1 and 2 workers).
 */
export function warmUp(defaults: RuntimeDefaults): void {
  if (isWarm) return;
  isWarm = true;
  dryRun(defaults);
}

/**
 * Takes jobs that do nothing through a router of their own, on a clock of its own.
 *
 * @returns Their outcomes; they are settled.
 */
export function dryRun(defaults: RuntimeDefaults): Promise<Outcome<unknown>>[] {
  const clock = new StepClock();
  const ports: EchoPort[] = [];
  const runtime = { ...defaults, clock, keepContext: () => undefined, warn: () => {} };
  const options = resolveOptions({ jobs, cpuParallelism: 2 }, runtime);
  const kinds = Object.entries(jobs.kinds).map(([name, kind], index) =>
    new KindInfo(name, index, kind, undefined, true)
  );
  const createPort = (): EchoPort => ports[ports.length] = new EchoPort(clock);
  const model = new RunTimeModel(kinds.length);
  const router = new Router(kinds, model, options, createPort, runtime, undefined);
  const facade = new HelixRouter<Record<string, DryKind>>(router);
  router.pool.warm(() => {}, 2);
  const outcomes: Promise<Outcome<unknown>>[] = [];
  for (let i = 0; i < JOBS || (router.load.inFlight > 0 && i < MOST_TURNS); i++) {
    clock.step(i < JOBS ? 0.4 : 1);
    const { name } = kinds[i % kinds.length];
    const ms = name === "long" ? LONG_MS : SHORT_MS;
    if (i < JOBS) outcomes.push(facade.submit(name, ms, { latencyBudgetMs: 5 + i % 60 }));
    else for (const port of ports) port.poll();
  }
  return outcomes;
}

/** Time goes on as it is told. No timer fires. */
class StepClock implements Clock {
  #nowMs = 0;
  #posted: (() => void)[] = [];

  now(): number {
    return this.#nowMs;
  }

  setTimer(): Timer {
    return { cancel() {} };
  }

  post<A>(fn: (arg: A) => void, arg: A): void {
    this.#posted.push(() => fn(arg));
  }

  /** The next turn, so much later. */
  step(ms: number): void {
    this.#nowMs += ms;
    for (const fn of this.#posted.splice(0)) fn();
  }
}

/** A worker on this thread that gives back what it gets, at the next poll. */
class EchoPort implements WorkerPort {
  readonly room = JOBS;
  readonly heapBytes: number = NaN;
  readonly isRunning = true;
  readonly #clock: Clock;
  readonly #calls: WorkerCall[] = [];
  #owner!: PortOwner;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get hasResults(): boolean {
    return this.#calls.length > 0;
  }

  start(owner: PortOwner): void {
    this.#owner = owner;
    this.#clock.post(() => owner.ready(this), undefined);
  }

  post(call: WorkerCall): void {
    this.#calls.push(call);
  }

  poll(): void {
    for (const { seq, payload } of this.#calls.splice(0)) {
      const ms = [payload as number].flat()[0];
      this.#owner.result(this, seq, true, payload, ms, ms, this.#clock.now());
    }
  }

  revoke(): boolean {
    return false;
  }

  abort(): void {}
  terminate(): void {}
  release(): void {}
}
