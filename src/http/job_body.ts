import { z } from "zod";
import { RefusedRequestError } from "./answer.ts";
import type { HttpIssue, JobBody } from "./api.ts";

/** Form only: the router knows the ranges of the hints. */
const jobBody: z.ZodType<JobBody> = z.strictObject({
  input: z.unknown(),
  hints: z.strictObject({
    computeCost: z.number().optional(),
    scalingPotential: z.number().optional(),
    latencyBudgetMs: z.number().optional(),
    priority: z.number().optional(),
    runTimeoutMs: z.number().optional(),
  }).optional(),
});

/**
 * Checks the body of a job.
 *
 * @param value Any value.
 * @returns The body.
 * @throws {RefusedRequestError} If it has another form (422).
 */
export function checkJobBody(value: unknown): JobBody {
  const result = jobBody.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(toIssue);
  const code = issues.every(({ path }) => path[0] === "hints") ? "invalid_hints" : "invalid_body";
  const message = `Cannot submit job as its request is invalid: ${issues[0].message}`;
  throw new RefusedRequestError(422, code, message, issues);
}

/** An issue of any Standard Schema, its path counted from the body. */
export function toIssue(
  issue: {
    readonly message: string;
    readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
  },
): HttpIssue {
  const path = (issue.path ?? []).map((step) => typeof step === "object" ? step.key : step)
    .map((key) => typeof key === "symbol" ? String(key) : key);
  return { path, message: issue.message };
}
