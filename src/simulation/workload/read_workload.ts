import { meanBusyMs } from "./job_source.ts";
import {
  integerOf,
  listOf,
  numberOf,
  objectOf,
  ruleOf,
  type Shape,
  ShapeError,
  taggedOf,
  textOf,
} from "./shape.ts";
import type { ChangeSpec, KindSpec, WorkloadSpec } from "./spec.ts";

const positive = numberOf({ above: 0 });
const share = numberOf({ min: 0, max: 1 });
const weight = numberOf({ min: 0 });

/** A distribution may be made of others. */
const distribution: Shape = (value, path) => distributions(value, path);

const distributions = taggedOf({
  fixed: objectOf({ value: weight }),
  uniform: ruleOf(
    objectOf({ min: weight, max: weight }),
    ({ min, max }: { min: number; max: number }) => min <= max,
    'one with a "min" that is not above its "max"',
  ),
  exponential: objectOf({ mean: positive }),
  lognormal: objectOf({ mean: positive, spread: numberOf({ min: 0, max: 5 }) }),
  pareto: objectOf({ min: positive, max: positive, shape: numberOf({ above: 1, max: 100 }) }),
  bimodal: objectOf({ share, first: distribution, second: distribution }),
});

const change = ruleOf(
  objectOf({ from: share }, { to: share, busyFactor: weight, rateFactor: weight }),
  ({ from, to = 1 }: ChangeSpec) => from < to,
  'one with a "from" before its "to"',
);

const budget = objectOf({ share: weight }, {
  budgetMs: numberOf({ above: 0, max: 2_147_483_647 }),
  priority: integerOf(0, 9),
});

const kind = objectOf({
  name: textOf(1, 100),
  share: weight,
  size: distribution,
  perSizeMs: weight,
}, {
  fixedMs: weight,
  bytesPerSize: weight,
  waitMs: distribution,
  afterShare: share,
  crowdMs: weight,
  budgets: listOf(budget, 1),
  crashes: share,
  changes: listOf(change),
});

const arrivals = taggedOf({
  poisson: objectOf({}),
  bursty: objectOf({ onMs: positive, offMs: positive }),
  diurnal: objectOf({ periodMs: positive, swing: share }),
  closed: objectOf({ clients: integerOf(1, 100_000), thinkMs: weight }),
});

const workload = objectOf({ name: textOf(1, 100), kinds: listOf(kind, 1, 100) }, {
  about: textOf(0, 1_000),
  arrivals,
  pauses: listOf(objectOf({ at: share, ms: positive })),
});

function alwaysComes({ share, changes = [] }: KindSpec): boolean {
  return share > 0 && changes.every(({ rateFactor }) => rateFactor !== 0);
}

/** A workload cannot be used. */
export class InvalidWorkloadError extends Error {
  /** Name of the class. */
  override readonly name = "InvalidWorkloadError";
}

/**
 * Checks a workload, as read from a file.
 *
 * @param value The workload.
 * @returns The same, with its type.
 * @throws {InvalidWorkloadError} If something in it is missing, unknown or out of range: it says where.
 */
export function readWorkload(value: unknown): WorkloadSpec {
  try {
    workload(value, "");
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const place = error.path === "" ? "it" : `"${error.path}"`;
    throw new InvalidWorkloadError(`Cannot use workload as ${place} is wrong: ${error.message}`);
  }
  const spec = { about: "", ...structuredClone(value as Omit<WorkloadSpec, "about">) };
  const names = new Set(spec.kinds.map(({ name }) => name));
  if (names.size < spec.kinds.length) {
    throw new InvalidWorkloadError("Cannot use workload as two of its kinds have the same name");
  }
  if (!(meanBusyMs(spec) > 0)) {
    throw new InvalidWorkloadError(
      'Cannot use workload as no kind needs a core: one with a "share" must have "perSizeMs" or "fixedMs"',
    );
  }
  if (spec.arrivals?.type === "closed" && !spec.kinds.some(alwaysComes)) {
    throw new InvalidWorkloadError(
      'Cannot use workload as clients must always have a job: a kind with a "share" must have no "rateFactor" of 0',
    );
  }
  return spec;
}
