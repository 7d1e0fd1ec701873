import type { Decision, JobFacts, JobTelemetry, SettledJob, Telemetry } from "../../mod.ts";

/** What was told of one job, in order. */
export interface Heard {
  readonly id: number;
  readonly told: string[];
}

/** A telemetry that notes all it hears, and throws as often as it is told to. */
export class HeardTelemetry implements Telemetry {
  readonly jobs: Heard[] = [];
  /** Times it has thrown. */
  thrown = 0;
  readonly #throwsEvery: number;
  #calls = 0;

  /** It throws at each `throwsEvery`-th call, half of the time only after it has done its work. */
  constructor(throwsEvery: number) {
    this.#throwsEvery = throwsEvery;
  }

  submitted(job: JobFacts, { strategy }: Decision): JobTelemetry {
    const heard: Heard = { id: job.id, told: [`submitted ${strategy}`] };
    this.jobs.push(heard);
    const note = (what: string): void => {
      heard.told.push(what);
      this.#maybeThrow();
    };
    this.#maybeThrow();
    return {
      waits: () => note("waits"),
      starts: (batchSize) => note(`starts ${batchSize}`),
      context: () => {
        note("context");
        return { traceparent: `${job.id}` };
      },
      run: (fn) => {
        if (this.#calls % 2 === 0) fn();
        note("run");
        fn(); // what is run twice must not run twice
      },
      settled: ({ status }: SettledJob) => note(`settled ${status}`),
    };
  }

  #maybeThrow(): void {
    if (++this.#calls % this.#throwsEvery !== 0) return;
    this.thrown++;
    throw new Error("telemetry");
  }
}
