import {
  type Completed,
  createRouter,
  defineJobs,
  type Dropped,
  type HelixRouter,
  type JobContext,
  type RouterOptions,
  type SettledJob,
  type Sink,
  type SubmitOptions,
  thresholdPolicy,
} from "../../mod.ts";
import type { AnyKind, Jobs } from "../../src/define/jobs.ts";
import type { WorkerCall } from "../../src/worker_call.ts";
import { macrotask, WatchedClock } from "./clock.ts";
import type { PortModel, Service } from "./port_model.ts";
import { ModelPorts } from "./ports.ts";

/** Input of the modelled kinds: what the job is to do. */
export interface Task {
  readonly id: number;
  /** Time it takes, wherever it runs, in ms. */
  readonly ms: number;
  /** How it ends; what only a worker can do is fine on this thread. @default {"ok"} */
  readonly end?: Service["end"];
  /** On this thread: whether it gives a promise instead of blocking. @default {false} */
  readonly later?: boolean;
  /** On a worker: whether it stops when told to. @default {false} */
  readonly heeds?: boolean;
  /** Called when its call begins on this thread, before anything of the call has run. */
  readonly onBegin?: () => void;
  /** Called when it runs on this thread. */
  readonly onRun?: () => void;
}

/** What a task gives, on every lane. */
export function outputOf(task: Task): number {
  return task.id * 2;
}

/** The end of a task as one of a batch. */
function itemOf(task: Task): number | Error {
  return task.end === "throw" ? new Error(`task ${task.id}`) : outputOf(task);
}

/** What a worker makes of a call of the modelled kinds. */
export function serveTask(call: WorkerCall): Service {
  if (!call.isBatch) {
    const task = call.payload as Task;
    const value = itemOf(task);
    return { ms: task.ms, end: task.end, value, heeds: task.heeds };
  }
  const tasks = call.payload as readonly Task[];
  const ends = tasks.map((task) => task.end);
  return {
    ms: tasks.reduce((sum, task) => sum + task.ms, 0),
    end: (["uncloneable", "lost", "crash"] as const).find((end) => ends.includes(end)),
    value: tasks.map(itemOf),
    heeds: tasks.every((task) => task.heeds),
  };
}

/** A promise that settles on the virtual clock, by a plain callback. */
function laterOn<T>(clock: WatchedClock, ms: number, give: () => T): PromiseLike<T> {
  return {
    then(ok, fail) {
      clock.setTimer(ms, () => {
        let value: T;
        try {
          value = give();
        } catch (error) {
          fail?.(error);
          return;
        }
        ok?.(value);
      }, undefined);
      return undefined as never;
    },
  };
}

/** Five kinds of modelled work: two of this thread, three that can run on workers. */
export function taskKinds(clock: WatchedClock) {
  function runTask(task: Task, _context: JobContext): number | PromiseLike<number> {
    task.onBegin?.();
    task.onRun?.();
    const give = (): number => {
      const item = itemOf(task);
      if (item instanceof Error) throw item;
      return item;
    };
    if (task.later) return laterOn(clock, task.ms, give);
    clock.occupy(task.ms);
    return give();
  }
  function runTasks(tasks: readonly Task[], _context: JobContext) {
    const ms = tasks.reduce((sum, task) => sum + task.ms, 0);
    for (const task of tasks) task.onBegin?.();
    for (const task of tasks) task.onRun?.();
    if (tasks.some((task) => task.later)) return laterOn(clock, ms, () => tasks.map(itemOf));
    clock.occupy(ms);
    return tasks.map(itemOf);
  }
  const run = runTask as AnyKind["run"];
  const runBatch = runTasks as AnyKind["runBatch"];
  const here: Record<string, AnyKind> = { local: { run }, local_group: { run, runBatch } };
  const shared: Record<string, AnyKind> = {
    shared: { run },
    group: { run, runBatch },
    steady_group: { run, runBatch, idempotent: true },
  };
  return { here, shared };
}

/** Options of a world: those of the router, and how its workers behave. */
export interface WorldOptions extends Partial<Omit<RouterOptions, "clock" | "createPort">> {
  readonly model?: Partial<PortModel>;
}

/** A router on a virtual clock with modelled workers. */
export interface World {
  readonly clock: WatchedClock;
  readonly ports: ModelPorts;
  readonly router: HelixRouter<Record<string, AnyKind>>;
}

/** Makes a world; its clock runs until the router is ready. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const { model, jobs, ...rest } = options;
  const clock = new WatchedClock();
  const ports = new ModelPorts(clock, { serve: serveTask, ...model });
  const kinds = taskKinds(clock);
  const sets = [defineSet(kinds.here), defineSet(kinds.shared, "virtual:tasks")];
  const making = createRouter({
    jobs: jobs ?? sets,
    clock,
    createPort: ports.create,
    cpuParallelism: 2,
    policy: thresholdPolicy(), // what it decides is plain from a job's cost
    ...rest,
  });
  while ((options.minWorkers ?? 0) > 0 && !await isSettled(making)) clock.step();
  return { clock, ports, router: await making as World["router"] };
}

type AnyJobs = Jobs<Record<string, AnyKind>>;

/** Jobs of kinds that are not known to the type checker. */
export function defineSet(kinds: Record<string, AnyKind>, module?: string): AnyJobs {
  const set = module === undefined
    ? defineJobs(kinds as never)
    : defineJobs(module, kinds as never);
  return set as AnyJobs;
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => {
    settled = true;
  };
  promise.then(note, note);
  await macrotask();
  return settled;
}

/** Hears of one job, and keeps it. */
export class Told implements Sink {
  /** Every settlement; one more than one is a bug of the router. */
  readonly jobs: SettledJob[] = [];
  readonly refusals: unknown[] = [];
  readonly #then: ((told: Told) => void) | undefined;

  constructor(then?: (told: Told) => void) {
    this.#then = then;
  }

  get job(): SettledJob | undefined {
    return this.jobs[0];
  }

  /** How it ended, `refused`, or `pending`. */
  get status(): string {
    return this.job?.status ?? (this.refusals.length > 0 ? "refused" : "pending");
  }

  /** Strategy and how it ended, with the reason of a drop: `"inline completed"`. */
  get story(): string {
    if (this.job === undefined) return this.status;
    const { strategy, status, value } = this.job;
    return status === "dropped" ? `${strategy} dropped ${value}` : `${strategy} ${status}`;
  }

  settled(job: SettledJob): void {
    this.jobs.push(job);
    this.#then?.(this);
  }

  refused(error: unknown): void {
    this.refusals.push(error);
    this.#then?.(this);
  }
}

/** Offers a task. */
export function offer(
  { router }: Pick<World, "router">,
  kind: string,
  task: Partial<Task> = {},
  options?: SubmitOptions,
): Told {
  const told = new Told();
  router.offer(kind, { id: 1, ms: 1, ...task }, options, told);
  return told;
}

/** The outcome, which must be a completed one. */
export function completed<T>(outcome: Completed<T> | Dropped): Completed<T> {
  if (outcome.status === "completed") return outcome;
  throw new Error(`Dropped: ${outcome.reason}`);
}
