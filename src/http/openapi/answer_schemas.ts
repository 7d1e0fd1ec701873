import { STRATEGIES } from "../../../mod.ts";
import { ERROR_CODES } from "../api/error.ts";
import type { HttpHints } from "../api/jobs.ts";
import { MAX_KEY_LENGTH, MAX_TIMER_MS } from "../requests/limits.ts";
import type { JsonSchema } from "./input_schema.ts";

const ms = { type: "number", minimum: 0 };

/** The schema of an object; all its properties are required, except the optional ones. */
export function objectOf(
  properties: Record<string, JsonSchema>,
  optional: readonly string[] = [],
): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", required, properties };
}

const completed = {
  status: { const: "completed" },
  output: { description: "What the job returned." },
  strategy: { enum: STRATEGIES },
  timing: objectOf({ waitMs: ms, runMs: ms, totalMs: ms }),
  withinBudget: { type: "boolean" },
};

const dropped = {
  status: { const: "dropped" },
  strategy: { const: "backpressure_drop" },
  reason: { type: "string" },
  retryAfterMs: ms,
};

const error = objectOf({
  code: { enum: ERROR_CODES },
  message: { type: "string" },
  issues: {
    type: "array",
    items: objectOf({
      path: { type: "array", items: { type: ["string", "number"] } },
      message: { type: "string" },
    }),
  },
  cause: objectOf({ name: { type: "string" }, message: { type: "string" } }),
}, ["issues", "cause"]);

const index = { type: "integer", minimum: 0, description: "Index of the job in the batch." };

/** What the hints of a request do. */
export const HINTS_MEANING: string =
  "They only tighten what the kind allows: the smaller budget and run time count, and the lower priority. " +
  "A key says whom the job is for: of jobs that wait, keys get equal shares.";

/** Schemas of the hints by name. */
export const HINT_SCHEMAS: Readonly<Record<keyof HttpHints, JsonSchema>> = {
  latencyBudgetMs: { type: "number", exclusiveMinimum: 0, maximum: MAX_TIMER_MS },
  priority: { type: "integer", minimum: 0, maximum: 9 },
  key: { type: "string", minLength: 1, maxLength: MAX_KEY_LENGTH },
  runTimeoutMs: { type: "number", exclusiveMinimum: 0, maximum: MAX_TIMER_MS },
};

/** Schemas that the paths of a document share, by name. */
export const ANSWER_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Hints: {
    type: "object",
    description: HINTS_MEANING,
    additionalProperties: false,
    properties: HINT_SCHEMAS,
  },
  Completed: objectOf(completed),
  Dropped: objectOf(dropped),
  Error: objectOf({ error }),
  BatchLine: {
    oneOf: [
      objectOf({ index, ...completed, encoding: { const: "base64" } }, ["encoding"]),
      objectOf({ index, ...dropped }),
      objectOf({ index, status: { const: "failed" }, error }),
    ],
  },
};
