import * as z from "zod";
import { toIssue } from "../answers/issue.ts";
import { RefusedRequestError } from "../answers/refusal.ts";
import type { BatchBody, JobBody } from "../api/jobs.ts";
import { hintsSchema } from "./hints.ts";

const jobBody: z.ZodType<JobBody> = z.strictObject({
  input: z.unknown(),
  hints: hintsSchema.optional(),
});

const batchBody: z.ZodType<BatchBody> = z.strictObject({
  inputs: z.array(z.unknown()),
  hints: hintsSchema.optional(),
});

/**
 * Checks the body of a job.
 *
 * @param value Any value.
 * @returns The body.
 * @throws {RefusedRequestError} If it is invalid (422).
 */
export function checkJobBody(value: unknown): JobBody {
  // A fast path for the most common form.
  if (typeof value === "object" && value !== null && "input" in value) {
    if (Object.keys(value).length === 1) return value;
  }
  return check(jobBody, value);
}

/**
 * Checks the body of a batch: only the inputs, or inputs with hints.
 *
 * @param value Any value.
 * @returns The body.
 * @throws {RefusedRequestError} If it is invalid (422).
 */
export function checkBatchBody(value: unknown): BatchBody {
  return Array.isArray(value) ? { inputs: value } : check(batchBody, value);
}

function check<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(toIssue);
  const code = issues.every(({ path }) => path[0] === "hints") ? "invalid_hints" : "invalid_body";
  const message = `Cannot submit job as its request is invalid: ${issues[0].message}`;
  throw new RefusedRequestError(422, code, message, { issues });
}
