import { InvalidHintError } from "../errors.ts";
import type { AnyKind } from "../define/jobs.ts";
import { checkCost, checkMs, checkPriority, checkScaling } from "./hints.ts";
import type { Limits } from "./limits.ts";
import type { StandardSchema } from "../schema.ts";

const SMOOTHING = 1 / 8;
const LARGEST_STEP = 8;
/** A slow run takes so many deviations more than the mean: few take longer. */
const SLOW = 2;

/** What a router tells of a kind. */
export interface KindDescription {
  /** Checks its input, loaded where it was given as a function; `undefined` where there is none. */
  readonly schema: StandardSchema | undefined;
  /** The kind as it was defined. */
  readonly definition: AnyKind;
}

/** A kind as the router uses it: defaults filled in, run time learned. */
export class KindInfo {
  readonly name: string;
  readonly index: number;
  readonly definition: AnyKind;
  readonly schema: StandardSchema | undefined;
  readonly hasModule: boolean;
  readonly batchable: boolean;
  readonly idempotent: boolean;
  /** Whether its inputs may hold objects that are moved. */
  readonly mayMove: boolean;
  readonly limits: Limits;
  postMs: number = NaN;
  /** Smoothed run time per unit of cost, or per job where the cost is unknown; `NaN` at first. */
  #msPerUnit = NaN;
  /** Smoothed distance from that. */
  #deviation = 0;

  constructor(
    name: string,
    index: number,
    definition: AnyKind,
    schema: StandardSchema | undefined,
    hasModule: boolean,
  ) {
    this.name = name;
    this.index = index;
    this.definition = definition;
    this.schema = schema;
    this.hasModule = hasModule;
    this.batchable = definition.runBatch !== undefined;
    this.idempotent = definition.idempotent === true;
    this.mayMove = definition.transfer !== undefined;
    if (typeof definition.cost !== "function") this.costOf(undefined);
    this.limits = {
      scalingPotential: checkScaling(name, definition.scaling ?? 0.5),
      latencyBudgetMs: definition.latencyBudgetMs === undefined
        ? Infinity
        : checkMs(name, "latencyBudgetMs", definition.latencyBudgetMs),
      priority: checkPriority(name, definition.priority ?? 5),
      runTimeoutMs: definition.runTimeoutMs === undefined
        ? Infinity
        : checkMs(name, "runTimeoutMs", definition.runTimeoutMs),
    };
  }

  /** Cost of an input by the kind's own word; `NaN` when it says nothing. */
  costOf(input: unknown): number {
    const cost = this.definition.cost;
    if (cost === undefined) return NaN;
    if (typeof cost !== "function") return checkCost(this.name, cost);
    let value: number;
    try {
      value = cost(input);
    } catch (cause) {
      const wanted = 'a number >= 0 from the kind\'s "cost" function, which threw';
      throw new InvalidHintError(this.name, "computeCost", cause, wanted, cause);
    }
    return checkCost(this.name, value, 'a finite number >= 0 from the kind\'s "cost" function');
  }

  /** Learns from a payload that took this thread `ms` to hand to a worker. */
  learnPost(ms: number): void {
    this.postMs = this.postMs >= 0 ? this.postMs + (ms - this.postMs) * SMOOTHING : ms;
  }

  /**
   * Learns from a run of `cost` (or `NaN`) that took `runMs`: gives by how much it took longer than
   * was expected, in ms; `NaN` when nothing was.
   */
  learn(cost: number, runMs: number): number {
    const units = cost > 0 ? cost : 1;
    const sample = runMs / units;
    const mean = this.#msPerUnit;
    if (!(mean >= 0)) {
      this.#msPerUnit = sample;
      return NaN;
    }
    // One pause must not be taken for the job's own time.
    const step = mean > 0 ? Math.min(sample, mean * LARGEST_STEP) : sample;
    this.#msPerUnit = mean + (step - mean) * SMOOTHING;
    this.#deviation += (Math.abs(step - mean) - this.#deviation) * SMOOTHING;
    return runMs - mean * units;
  }

  /** Expected run time of a job of `cost`, in ms; `NaN` when nothing is known yet. */
  expectedMs(cost: number): number {
    return this.#msPerUnit * (cost > 0 ? cost : 1);
  }

  /**
   * Run time that few jobs of `cost` exceed, in ms; `NaN` when nothing is known yet: the mean and
   * two mean deviations, both smoothed, as for the timeouts of TCP (Jacobson, "Congestion Avoidance
   * and Control", 1988).
   */
  slowMs(cost: number): number {
    return (this.#msPerUnit + SLOW * this.#deviation) * (cost > 0 ? cost : 1);
  }
}
