import type { ServedJobs } from "../jobs/served_jobs.ts";
import { ANSWER_SCHEMAS } from "./answer_schemas.ts";
import type { JsonSchema } from "./input_schema.ts";
import { inputName, inputSchema, kindPaths } from "./kind_paths.ts";
import { OPERATE_PATHS } from "./operate_paths.ts";
import { OPERATE_SCHEMAS } from "./operate_schemas.ts";
import { toOperationObject } from "./operation.ts";

/**
 * Creates the OpenAPI 3.1 document of an app: each kind has paths of its own, with the schema of
 * its input.
 *
 * @param jobs The served jobs.
 * @param isProtected Whether reading needs the token, too.
 * @returns The document.
 */
export function createDocument(jobs: ServedJobs, isProtected: boolean): JsonSchema {
  const kinds = [...jobs.kinds];
  const inputs = kinds.map((kind, index) => [inputName(kind, index), inputSchema(kind, index)]);
  const paths = Object.assign({}, ...kinds.map(kindPaths), OPERATE_PATHS) as typeof OPERATE_PATHS;
  return {
    openapi: "3.1.0",
    info: {
      title: "HelixRouter",
      version: "1",
      description: "Jobs by kind: the router decides how each one runs, or drops it.",
    },
    servers: [{ url: "." }],
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, operations]) => [
        path,
        Object.fromEntries(
          Object.entries(operations)
            .map(([method, operation]) => [method, toOperationObject(operation, isProtected)]),
        ),
      ]),
    ),
    components: {
      schemas: { ...ANSWER_SCHEMAS, ...OPERATE_SCHEMAS, ...Object.fromEntries(inputs) },
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description:
            "Needed to change the router's state; if configured, for all but health checks.",
        },
      },
    },
  };
}
