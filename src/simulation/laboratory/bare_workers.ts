import type { PortOwner, WorkerPort } from "../../../mod.ts";
import { modelWorkers, type VirtualClock } from "../../testing/mod.ts";
import type { LabJob } from "../workload/lab_job.ts";
import { USUAL_COSTS } from "./costs.ts";
import type { LabJobs } from "./lab_jobs.ts";
import type { VirtualRunOptions } from "./virtual_run.ts";

/** Something that stands for a job. */
export interface HasJob {
  readonly job: LabJob;
}

/** Modelled workers without a router, and what each of them holds. */
export class BareWorkers<J extends HasJob> implements PortOwner {
  readonly ports: WorkerPort[] = [];
  /** What each worker holds, in order. */
  readonly held: J[][] = [];
  readonly #calls = new Map<number, J>();
  #ready = 0;
  #seq = 0;
  /** Told when a job has ended; a worker that crashes is not started again. */
  ended: (job: J, ok: boolean, runMs: number) => void = () => {};

  constructor(clock: VirtualClock, kinds: LabJobs, options: VirtualRunOptions) {
    const create = modelWorkers(clock, kinds.workerModel(options.costs ?? USUAL_COSTS));
    for (let i = 0; i < options.workers; i++) {
      this.ports.push(create());
      this.held.push([]);
    }
    for (const port of this.ports) port.start(this);
    while (this.#ready < this.ports.length) clock.step();
  }

  /** Index of the worker that holds the fewest jobs. */
  get idlest(): number {
    let idlest = 0;
    for (let i = 1; i < this.held.length; i++) {
      if (this.held[i].length < this.held[idlest].length) idlest = i;
    }
    return idlest;
  }

  /** Sends a job to a worker. */
  send(worker: number, job: J): void {
    const seq = ++this.#seq;
    this.#calls.set(seq, job);
    this.held[worker].push(job);
    const kind = String(job.job.kind);
    this.ports[worker].post({ seq, kind, isBatch: false, payload: job.job }, []);
  }

  ready(): void {
    this.#ready++;
  }

  result(port: WorkerPort, seq: number, ok: boolean, _: unknown, runMs: number): void {
    const job = this.#calls.get(seq)!;
    this.#calls.delete(seq);
    this.held[this.ports.indexOf(port)].shift();
    this.ended(job, ok, runMs);
  }

  progress(): void {
    // Modelled jobs report none.
  }

  died(port: WorkerPort): void {
    const worker = this.ports.indexOf(port);
    this.ports.splice(worker, 1);
    for (const job of this.held.splice(worker, 1)[0]) this.ended(job, false, NaN);
  }

  returned(): void {
    // None is lost.
  }
}
