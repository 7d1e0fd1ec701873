import { HINT_HEADERS } from "../jobs/hints.ts";
import type { ServedKind } from "../jobs/run_job.ts";
import { answerOf, REFUSALS } from "./answer_schemas.ts";
import { inputSchemaOf, type JsonSchema } from "./input_schema.ts";

const BYTES = { schema: { type: "string", contentMediaType: "application/octet-stream" } };

const HINTS = { $ref: "#/components/schemas/Hints" };

const hintHeaders = HINT_HEADERS.map(([hint, name]) => ({
  name,
  in: "header",
  description: `${hint}, where the body does not give it.`,
  schema: { type: "number" },
}));

const retryAfter = {
  description: "When to try again, in seconds.",
  schema: { type: "integer", minimum: 1 },
};

const unavailable = {
  description: "The job was dropped, there are too many requests, or the router is closed.",
  headers: { "Retry-After": retryAfter },
  content: {
    "application/json": {
      schema: {
        anyOf: [
          { $ref: "#/components/schemas/Dropped" },
          { $ref: "#/components/schemas/Error" },
        ],
      },
    },
  },
};

/** Name of the schema of a kind's input among a document's. */
export function inputName(kind: ServedKind, index: number): string {
  return /^[\w.-]+$/.test(kind.name) ? `Input.${kind.name}` : `InputOfKind.${index}`;
}

/** The schema of a kind's input, as it stands in a document. */
export function inputSchema(kind: ServedKind, index: number): JsonSchema {
  return inputSchemaOf(kind.schema, `#/components/schemas/${inputName(kind, index)}`);
}

/** The paths of one kind. */
export function kindPaths(kind: ServedKind, index: number): Record<string, JsonSchema> {
  const path = `/api/jobs/${encodeURIComponent(kind.name)}`;
  const input = { $ref: `#/components/schemas/${inputName(kind, index)}` };
  return {
    [path]: { post: jobOperation(kind, input) },
    [`${path}/batch`]: { post: batchOperation(kind, input) },
  };
}

function jobOperation({ name }: ServedKind, input: JsonSchema): JsonSchema {
  const body = withHints({ input }, "input");
  return {
    tags: ["jobs"],
    summary: `Runs a job of the kind ${JSON.stringify(name)}.`,
    parameters: hintHeaders,
    requestBody: {
      required: true,
      content: { "application/json": { schema: body }, "application/octet-stream": BYTES },
    },
    responses: {
      200: {
        description: "The job ran. Bytes come as they are, with what else is told in headers.",
        content: {
          "application/json": { schema: { $ref: "#/components/schemas/Completed" } },
          "application/octet-stream": BYTES,
        },
      },
      ...REFUSALS,
      500: answerOf("The job failed, or gave back what is no JSON.", "Error"),
      502: answerOf("The worker died under the job.", "Error"),
      503: unavailable,
    },
  };
}

function batchOperation({ name }: ServedKind, input: JsonSchema): JsonSchema {
  const inputs = { type: "array", items: input };
  const body = { oneOf: [inputs, withHints({ inputs }, "inputs")] };
  return {
    tags: ["jobs"],
    summary: `Runs many jobs of the kind ${JSON.stringify(name)}.`,
    parameters: hintHeaders,
    requestBody: {
      required: true,
      content: {
        "application/json": { schema: body },
        "application/x-ndjson": { schema: { description: "One input a line.", ...input } },
      },
    },
    responses: {
      200: {
        description: "One line for each job, as soon as it is over.",
        content: {
          "application/x-ndjson": { schema: { $ref: "#/components/schemas/BatchLine" } },
        },
      },
      ...REFUSALS,
      503: unavailable,
    },
  };
}

function withHints(properties: Record<string, JsonSchema>, required: string): JsonSchema {
  return {
    type: "object",
    required: [required],
    additionalProperties: false,
    properties: { ...properties, hints: HINTS },
  };
}
