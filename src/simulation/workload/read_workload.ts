import { z } from "zod";
import type { Distribution } from "./distribution.ts";
import { meanBusyMs } from "./job_source.ts";
import type { KindSpec, WorkloadSpec } from "./spec.ts";

const positive = z.number().positive();
const share = z.number().min(0).max(1);
const weight = z.number().min(0);

const distribution: z.ZodType<Distribution> = z.lazy(() =>
  z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("fixed"), value: weight }),
    z.strictObject({ type: z.literal("uniform"), min: weight, max: weight })
      .refine(({ min, max }) => min <= max, '"min" must not be above "max"'),
    z.strictObject({ type: z.literal("exponential"), mean: positive }),
    z.strictObject({ type: z.literal("lognormal"), mean: positive, spread: weight.max(5) }),
    z.strictObject({
      type: z.literal("pareto"),
      min: positive,
      max: positive,
      shape: z.number().gt(1).max(100),
    }),
    z.strictObject({
      type: z.literal("bimodal"),
      share,
      first: distribution,
      second: distribution,
    }),
  ])
);

const change = z.strictObject({
  from: share,
  to: share.optional(),
  busyFactor: weight.optional(),
  rateFactor: weight.optional(),
}).refine(({ from, to = 1 }) => from < to, '"from" must be before "to"');

const budget = z.strictObject({
  share: weight,
  budgetMs: positive.max(2_147_483_647).optional(),
  priority: z.int().min(0).max(9).optional(),
});

const kind = z.strictObject({
  name: z.string().min(1).max(100),
  share: weight,
  size: distribution,
  fixedMs: weight.optional(),
  perSizeMs: weight,
  bytesPerSize: weight.optional(),
  waitMs: distribution.optional(),
  afterShare: share.optional(),
  crowdMs: weight.optional(),
  budgets: z.array(budget).min(1).optional(),
  crashes: share.optional(),
  changes: z.array(change).optional(),
});

const arrivals = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("poisson") }),
  z.strictObject({ type: z.literal("bursty"), onMs: positive, offMs: positive }),
  z.strictObject({ type: z.literal("diurnal"), periodMs: positive, swing: share }),
  z.strictObject({
    type: z.literal("closed"),
    clients: z.int().min(1).max(100_000),
    thinkMs: weight,
  }),
]);

const workload = z.strictObject({
  name: z.string().min(1).max(100),
  about: z.string().max(1_000).default(""),
  kinds: z.array(kind).min(1).max(100),
  arrivals: arrivals.optional(),
  pauses: z.array(z.strictObject({ at: share, ms: positive })).optional(),
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
  const read = workload.safeParse(value);
  if (!read.success) {
    const [{ path, message }] = read.error.issues;
    const place = path.length === 0 ? "it" : `"${path.join(".")}"`;
    throw new InvalidWorkloadError(`Cannot use workload as ${place} is wrong: ${message}`);
  }
  const spec = read.data as WorkloadSpec;
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
