import type { ServedJobs } from "../jobs/served_jobs.ts";
import { ANSWER_SCHEMAS, answerOf } from "./answer_schemas.ts";
import type { JsonSchema } from "./input_schema.ts";
import { inputName, inputSchema, kindPaths } from "./kind_paths.ts";

const TEXT = { "text/plain": { schema: { type: "string" } } };
const JSON_OBJECT = { "application/json": { schema: { type: "object" } } };

/** What is served beside the jobs. */
export const OTHER_PATHS: Readonly<Record<string, JsonSchema>> = {
  "/api/stats": {
    get: {
      tags: ["figures"],
      summary: "Counters, distributions and load.",
      responses: { 200: { description: "The figures, as they are now.", content: JSON_OBJECT } },
    },
  },
  "/metrics": {
    get: {
      tags: ["figures"],
      summary: "The figures for Prometheus.",
      responses: { 200: { description: "The figures, in its text format.", content: TEXT } },
    },
  },
  "/healthz": {
    get: {
      tags: ["health"],
      summary: "Whether the router takes jobs.",
      responses: {
        200: { ...answerOf("It does."), content: JSON_OBJECT },
        503: { ...answerOf("It is closed."), content: JSON_OBJECT },
      },
    },
  },
};

/**
 * The OpenAPI 3.1 document of what is served: each kind has paths of its own, with the schema of its
 * input.
 *
 * @param jobs What is served.
 * @returns The document.
 */
export function createDocument(jobs: ServedJobs): JsonSchema {
  const kinds = [...jobs.kinds];
  const inputs = kinds.map((kind, index) => [inputName(kind, index), inputSchema(kind, index)]);
  return {
    openapi: "3.1.0",
    info: {
      title: "HelixRouter",
      version: "1",
      description: "Jobs by kind: the router decides how each runs, or that it does not.",
    },
    servers: [{ url: "." }],
    paths: Object.assign({}, ...kinds.map(kindPaths), OTHER_PATHS),
    components: { schemas: { ...ANSWER_SCHEMAS, ...Object.fromEntries(inputs) } },
  };
}
