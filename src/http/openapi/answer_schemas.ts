import { ERROR_CODES } from "../api.ts";
import type { JsonSchema } from "./input_schema.ts";

const STRATEGIES = ["inline", "spawn", "cpu_pool", "batch", "backpressure_drop"];

const ms = { type: "number", minimum: 0 };

function object(properties: Record<string, JsonSchema>, optional: readonly string[] = []) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", required, properties };
}

const reference = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

const completed = {
  status: { const: "completed" },
  output: { description: "What the job gave back." },
  strategy: { enum: STRATEGIES },
  timing: object({ waitMs: ms, runMs: ms, totalMs: ms }),
  withinBudget: { type: "boolean" },
};

const dropped = {
  status: { const: "dropped" },
  reason: { type: "string" },
  retryAfterMs: ms,
};

const error = object({
  code: { enum: ERROR_CODES },
  message: { type: "string" },
  issues: {
    type: "array",
    items: object({
      path: { type: "array", items: { type: ["string", "number"] } },
      message: { type: "string" },
    }),
  },
  cause: object({ name: { type: "string" }, message: { type: "string" } }),
}, ["issues", "cause"]);

const index = { type: "integer", minimum: 0, description: "Place of the job in the batch." };

/** What the paths of a document have in common, by name. */
export const ANSWER_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Hints: {
    type: "object",
    additionalProperties: false,
    properties: {
      computeCost: { type: "number", minimum: 0 },
      scalingPotential: { type: "number", minimum: 0, maximum: 1 },
      latencyBudgetMs: { type: "number", exclusiveMinimum: 0 },
      priority: { type: "integer", minimum: 0, maximum: 9 },
      runTimeoutMs: { type: "number", exclusiveMinimum: 0, maximum: 2_147_483_647 },
    },
  },
  Completed: object(completed),
  Dropped: object(dropped),
  Error: object({ error }),
  BatchLine: {
    oneOf: [
      object({ index, ...completed, encoding: { const: "base64" } }, ["encoding"]),
      object({ index, ...dropped }),
      object({ index, status: { const: "failed" }, error }),
    ],
  },
};

/** What a status says, and the body that comes with it. */
export function answerOf(description: string, schema?: string): JsonSchema {
  if (schema === undefined) return { description };
  return { description, content: { "application/json": { schema: reference(schema) } } };
}

/** Answers to a request that is refused before it comes to a job. */
export const REFUSALS: Readonly<Record<string, JsonSchema>> = {
  400: answerOf("The body is no JSON, or not all of it has come.", "Error"),
  413: answerOf("The body is too large, or has too many jobs.", "Error"),
  415: answerOf("The content type is not one that is read.", "Error"),
  422: answerOf("Input or hints are wrong; `issues` tells what and where.", "Error"),
  504: answerOf("The request, or the run of its job, took too long.", "Error"),
};
