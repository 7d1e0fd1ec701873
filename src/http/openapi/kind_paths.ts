import { HINT_HEADERS } from "../jobs/hints.ts";
import type { ServedKind } from "../jobs/run_job.ts";
import { HINT_SCHEMAS } from "./answer_schemas.ts";
import { inputSchemaOf, type JsonSchema } from "./input_schema.ts";
import { errorsOf, type Operation, schemaRef, STATUS_MEANINGS } from "./operation.ts";

const BYTES = { schema: { type: "string", contentMediaType: "application/octet-stream" } };

const hintHeaders = HINT_HEADERS.map(([hint, name]) => ({
  name,
  in: "header",
  description: `${hint}, unless it is in the body.`,
  schema: HINT_SCHEMAS[hint],
}));

const retryAfter = {
  description: "When to retry, in seconds.",
  schema: { type: "integer", minimum: 1 },
};

const unavailable = {
  description: STATUS_MEANINGS[503],
  headers: { "Retry-After": retryAfter },
  content: {
    "application/json": {
      schema: { anyOf: [schemaRef("Dropped"), schemaRef("Error")] },
    },
  },
};

/** Name of the schema of a kind's input in a document. */
export function inputName(kind: ServedKind, index: number): string {
  return /^[\w.-]+$/.test(kind.name) ? `Input.${kind.name}` : `InputOfKind.${index}`;
}

/** The schema of a kind's input, as part of a document. */
export function inputSchema(kind: ServedKind, index: number): JsonSchema {
  return inputSchemaOf(kind.schema, `#/components/schemas/${inputName(kind, index)}`);
}

/** Operations by path and method of one kind. */
export function kindPaths(
  kind: ServedKind,
  index: number,
): Record<string, Readonly<Record<string, Operation>>> {
  const path = `/api/jobs/${encodeURIComponent(kind.name)}`;
  const input = schemaRef(inputName(kind, index));
  return {
    [path]: { post: jobOperation(kind, input) },
    [`${path}/batch`]: { post: batchOperation(kind, input) },
  };
}

function jobOperation({ name }: ServedKind, input: JsonSchema): Operation {
  const body = withHints({ input }, "input");
  return {
    tag: "jobs",
    summary: `Runs a job of the kind ${JSON.stringify(name)}.`,
    access: "reader",
    parameters: hintHeaders,
    requestBody: {
      required: true,
      content: { "application/json": { schema: body }, "application/octet-stream": BYTES },
    },
    responses: {
      200: {
        description:
          "The job completed. Bytes are sent as they are, with the rest of the outcome in headers.",
        content: {
          "application/json": { schema: schemaRef("Completed") },
          "application/octet-stream": BYTES,
        },
      },
      ...errorsOf(400, 413, 415, 422, 500, 502, 504),
      503: unavailable,
    },
  };
}

function batchOperation({ name }: ServedKind, input: JsonSchema): Operation {
  const inputs = { type: "array", items: input };
  const body = { oneOf: [inputs, withHints({ inputs }, "inputs")] };
  return {
    tag: "jobs",
    summary: `Runs many jobs of the kind ${JSON.stringify(name)}.`,
    access: "reader",
    parameters: hintHeaders,
    requestBody: {
      required: true,
      content: {
        "application/json": { schema: body },
        "application/x-ndjson": { schema: { description: "One input per line.", ...input } },
      },
    },
    responses: {
      200: {
        description: "One line per job, as soon as it is over.",
        content: { "application/x-ndjson": { schema: schemaRef("BatchLine") } },
      },
      ...errorsOf(400, 413, 415, 422, 504),
      503: unavailable,
    },
  };
}

function withHints(properties: Record<string, JsonSchema>, required: string): JsonSchema {
  return {
    type: "object",
    required: [required],
    additionalProperties: false,
    properties: { ...properties, hints: schemaRef("Hints") },
  };
}
