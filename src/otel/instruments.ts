import type * as Api from "@opentelemetry/api";
import type { RouterStats, SettledJob } from "../../mod.ts";
import { dropReasonOf, statusOf } from "./outcome_attributes.ts";

/** Bounds of the histograms, in s: jobs take microseconds on this thread, seconds on a worker. */
const BOUNDS_S = [
  0.000_01,
  0.000_1,
  0.000_5,
  0.001,
  0.002_5,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
  30,
  60,
];

/** The metrics of all routers that share a telemetry object. */
export class Instruments {
  readonly #meter: Api.Meter;
  readonly #attributes: Readonly<Record<string, string>>;
  readonly #jobs: Api.Counter;
  readonly #total: Api.Histogram;
  readonly #wait: Api.Histogram;
  readonly #run: Api.Histogram;
  readonly #observed: Observed;

  /** `attributes` are added to every data point. */
  constructor(meter: Api.Meter, attributes: Readonly<Record<string, string>>) {
    const inSeconds = (name: string, description: string): Api.Histogram =>
      meter.createHistogram(name, {
        description,
        unit: "s",
        advice: { explicitBucketBoundaries: BOUNDS_S },
      });
    this.#meter = meter;
    this.#attributes = attributes;
    this.#jobs = meter.createCounter("helix.jobs", {
      description: "Jobs settled, by kind, strategy and status.",
      unit: "{job}",
    });
    this.#total = inSeconds("helix.job.duration", "Time from submit to outcome, of jobs that ran.");
    this.#wait = inSeconds("helix.job.wait.duration", "Time not spent running, of jobs that ran.");
    this.#run = inSeconds("helix.job.run.duration", "Run time of jobs, measured where they ran.");
    this.#observed = createObserved(meter);
  }

  /** A job is over. */
  record(job: SettledJob, context: Api.Context): void {
    const attributes: Api.Attributes = {
      ...this.#attributes,
      "helix.job.kind": job.kind.name,
      "helix.strategy": job.strategy,
      "helix.status": statusOf(job),
    };
    const dropReason = dropReasonOf(job);
    if (dropReason !== undefined) attributes["helix.drop_reason"] = dropReason;
    this.#jobs.add(1, attributes, context);
    if (!job.ran) return;
    this.#total.record(job.totalMs / 1_000, attributes, context);
    this.#wait.record(job.waitMs / 1_000, attributes, context);
    this.#run.record(job.runMs / 1_000, attributes, context);
  }

  /** Reads a router's figures on each collection, until the returned function is called. */
  observe(stats: () => RouterStats): () => void {
    const observables = Object.values(this.#observed);
    const read: Api.BatchObservableCallback = (result) => {
      for (const [name, value, attributes] of pointsOf(stats())) {
        result.observe(this.#observed[name], value, { ...this.#attributes, ...attributes });
      }
    };
    this.#meter.addBatchObservableCallback(read, observables);
    return () => this.#meter.removeBatchObservableCallback(read, observables);
  }
}

type Observed = ReturnType<typeof createObserved>;
type Point = readonly [name: keyof Observed, value: number, attributes?: Record<string, string>];

function createObserved(meter: Api.Meter) {
  return {
    active: meter.createObservableUpDownCounter("helix.job.active", {
      description: "Jobs submitted and not yet settled.",
      unit: "{job}",
    }),
    room: meter.createObservableUpDownCounter("helix.job.waiting_for_room", {
      description: "Jobs that no lane had room for, and that wait until one has.",
      unit: "{job}",
    }),
    depth: meter.createObservableUpDownCounter("helix.queue.depth", {
      description: "Jobs waiting, by strategy.",
      unit: "{job}",
    }),
    capacity: meter.createObservableUpDownCounter("helix.queue.capacity", {
      description: "Jobs that may wait, by strategy; gathering batches count against the pool.",
      unit: "{job}",
    }),
    workers: meter.createObservableUpDownCounter("helix.workers", {
      description: "Workers, by state.",
      unit: "{worker}",
    }),
    starts: meter.createObservableCounter("helix.worker.starts", {
      description: "Workers started.",
      unit: "{worker}",
    }),
    crashes: meter.createObservableCounter("helix.worker.crashes", {
      description: "Workers that died unexpectedly, by cause.",
      unit: "{worker}",
    }),
    recycles: meter.createObservableCounter("helix.worker.recycles", {
      description: "Workers replaced after reaching their limit of jobs or of heap.",
      unit: "{worker}",
    }),
    losses: meter.createObservableCounter("helix.worker.losses", {
      description: "Worker threads that could not be stopped.",
      unit: "{worker}",
    }),
    refusals: meter.createObservableCounter("helix.submit.refusals", {
      description: "Refused submits, by cause.",
      unit: "{submit}",
    }),
    underBound: meter.createObservableGauge("helix.prediction.under_bound", {
      description: "Share of recent runs within the predicted upper bound, by kind.",
      unit: "1",
    }),
    sharpness: meter.createObservableGauge("helix.prediction.sharpness", {
      description: "How many times as long as the run that bound was, by kind.",
      unit: "1",
    }),
    regret: meter.createObservableGauge("helix.decision.regret", {
      description: "Time that the other place is estimated to have saved each recent job, by kind.",
      unit: "s",
    }),
    lag: meter.createObservableGauge("helix.event_loop.lag", {
      description: "Event loop lag, smoothed.",
      unit: "s",
    }),
  };
}

function pointsOf({ load, workers, rejected, kinds }: RouterStats): Point[] {
  const on = (strategy: string) => ({ "helix.strategy": strategy });
  return [
    ["active", load.inFlight],
    ["room", load.waitingForRoom],
    ["depth", load.spawnWaiting, on("spawn")],
    ["depth", load.poolWaiting, on("cpu_pool")],
    ["depth", load.batchWaiting, on("batch")],
    ["capacity", load.spawnCapacity, on("spawn")],
    ["capacity", load.poolCapacity, on("cpu_pool")],
    ["workers", workers.starting, { "helix.worker.state": "starting" }],
    ["workers", workers.idle, { "helix.worker.state": "idle" }],
    ["workers", workers.busy, { "helix.worker.state": "busy" }],
    ["starts", workers.started],
    ...Object.entries(workers.crashes).map(([cause, count]): Point => [
      "crashes",
      count,
      { "helix.crash_cause": cause },
    ]),
    ["recycles", workers.recycled],
    ["losses", workers.lost],
    ...Object.entries(rejected).map(([cause, count]): Point => [
      "refusals",
      count,
      { "helix.refusal": cause },
    ]),
    ["lag", load.loopLagMs / 1_000],
    ...kinds.flatMap(({ kind, calibration, regret }) => {
      const ofKind = { "helix.job.kind": kind };
      const points: Point[] = [
        ["underBound", calibration.underBound, ofKind],
        ["sharpness", calibration.sharpness, ofKind],
        ["regret", regret.meanMs / 1_000, ofKind],
      ];
      return points.filter(([, value]) => !Number.isNaN(value));
    }),
  ];
}
