import type { PortFactory, PortOwner, WorkerPort } from "../../../mod.ts";
import { modelWorkers, type VirtualClock } from "../../testing/mod.ts";
import type { LabJob } from "../workload/lab_job.ts";
import { USUAL_COSTS } from "./costs.ts";
import type { LabJobs } from "./lab_jobs.ts";
import type { VirtualRunOptions } from "./virtual_run.ts";

/** Something that stands for a job. */
export interface HasJob {
  readonly job: LabJob;
}

/** Modelled workers without a router, and what each of them holds. One that dies is started again. */
export class BareWorkers<J extends HasJob> implements PortOwner {
  /** What each worker holds, in order. */
  readonly held: readonly J[][];
  /** When each worker is expected to be ready, or was, in ms. */
  readonly readyAtMs: number[];
  /** Told when a job has ended; `runMs` is `NaN` if its worker died. */
  ended: (job: J, ok: boolean, runMs: number) => void = () => {};
  readonly #clock: VirtualClock;
  readonly #create: PortFactory;
  readonly #startMs: number;
  readonly #ports: WorkerPort[] = [];
  readonly #isReady: boolean[];
  #seq = 0;

  constructor(clock: VirtualClock, kinds: LabJobs, options: VirtualRunOptions) {
    const { workers, isWarm = true, costs = USUAL_COSTS } = options;
    this.#clock = clock;
    this.#create = modelWorkers(clock, kinds.workerModel(costs));
    this.#startMs = costs.startMs;
    this.held = Array.from({ length: workers }, () => []);
    this.readyAtMs = this.held.map(() => NaN);
    this.#isReady = this.held.map(() => false);
    for (let worker = 0; worker < workers; worker++) this.#start(worker);
    while (isWarm && this.#isReady.includes(false)) clock.step();
  }

  /** Index of the worker that holds the fewest jobs, its own start among them. */
  get idlest(): number {
    const heldBy = (worker: number) => this.held[worker].length + (this.#isReady[worker] ? 0 : 1);
    let idlest = 0;
    for (let i = 1; i < this.held.length; i++) if (heldBy(i) < heldBy(idlest)) idlest = i;
    return idlest;
  }

  /** Sends a job to a worker, which may still be starting. */
  send(worker: number, job: J): void {
    this.held[worker].push(job);
    if (this.#isReady[worker]) this.#post(worker, job);
  }

  ready(port: WorkerPort): void {
    const worker = this.#ports.indexOf(port);
    this.#isReady[worker] = true;
    for (const job of this.held[worker]) this.#post(worker, job);
  }

  result(port: WorkerPort, _seq: number, ok: boolean, _value: unknown, runMs: number): void {
    const job = this.held[this.#ports.indexOf(port)].shift()!;
    this.ended(job, ok, runMs);
  }

  progress(): void {
    // Modelled jobs report none.
  }

  died(port: WorkerPort, { seq }: { readonly seq: number }): void {
    const worker = this.#ports.indexOf(port);
    const crashed = seq === 0 ? undefined : this.held[worker].shift();
    this.#start(worker);
    if (crashed !== undefined) this.ended(crashed, false, NaN);
  }

  returned(): void {
    // None is lost.
  }

  #start(worker: number): void {
    this.#isReady[worker] = false;
    this.readyAtMs[worker] = this.#clock.now() + this.#startMs;
    const port = this.#create();
    this.#ports[worker] = port;
    port.start(this);
  }

  #post(worker: number, { job }: J): void {
    const call = { seq: ++this.#seq, kind: String(job.kind), isBatch: false, payload: job };
    this.#ports[worker].post(call, []);
  }
}
