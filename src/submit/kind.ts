import type { AnyKind } from "../define/jobs.ts";
import type { StandardSchema } from "../schema.ts";
import { type Limits, limitsOf } from "./limits.ts";

/** What a router tells of a kind. */
export interface KindDescription {
  /** Checks its input, loaded where it was given as a function; `undefined` where there is none. */
  readonly schema: StandardSchema | undefined;
  /** The kind as it was defined. */
  readonly definition: AnyKind;
  /** What applies to a job of it whose submit says nothing. */
  readonly limits: Limits;
}

/** A kind as the router uses it, with defaults filled in. */
export class KindInfo {
  declare readonly name: string;
  declare readonly index: number;
  declare readonly definition: AnyKind;
  /** What runs on this thread: the definition, or one that clones its inputs and outputs. */
  declare readonly body: AnyKind;
  declare readonly schema: StandardSchema | undefined;
  declare readonly hasModule: boolean;
  /** Whether it has none only because this runtime has no workers. */
  lacksWorkers = false;
  declare readonly batchable: boolean;
  declare readonly idempotent: boolean;
  /** Whether its inputs may hold objects that are moved. */
  declare readonly mayMove: boolean;
  declare readonly limits: Limits;
  /** Whether only so many of its jobs, or of those of a key, run at a time. */
  declare readonly isLimited: boolean;
  /** Whether a job of it needs no place, goes alone, may run for ever, and moves nothing. */
  declare readonly isPlain: boolean;

  constructor(
    name: string,
    index: number,
    definition: AnyKind,
    schema: StandardSchema | undefined,
    hasModule: boolean,
    body: AnyKind = definition,
  ) {
    this.name = name;
    this.index = index;
    this.definition = definition;
    this.body = body;
    this.schema = schema;
    this.hasModule = hasModule;
    this.batchable = definition.runBatch !== undefined;
    this.idempotent = definition.idempotent === true;
    this.mayMove = definition.transfer !== undefined;
    this.limits = limitsOf(definition);
    const { concurrency, concurrencyPerKey, runTimeoutMs } = this.limits;
    this.isLimited = concurrency !== Infinity || concurrencyPerKey !== Infinity;
    this.isPlain = !this.isLimited && !this.batchable && !this.mayMove &&
      runTimeoutMs === Infinity;
  }
}
