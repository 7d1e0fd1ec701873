import { STRATEGIES } from "../../../mod.ts";
import { objectOf } from "./answer_schemas.ts";
import type { JsonSchema } from "./input_schema.ts";

const count = { type: "integer", minimum: 1 };
const ms = { type: "number", minimum: 0 };

const configProperties = {
  cpuQueueCapacity: count,
  spawnQueueCapacity: count,
  spawnConcurrency: count,
  inlineSliceMs: ms,
  batchMaxSize: count,
  batchMaxDelayMs: ms,
  abortGraceMs: { type: ["number", "null"], minimum: 0, description: "null: for ever" },
  policy: { type: "object", description: "Settings of the policy; absent where it has none." },
};

const configuration = objectOf(configProperties, ["policy"]);

/** Schemas of what an operator reads and changes, by name. */
export const OPERATE_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Config: objectOf({
    config: configuration,
    writable: { type: "array", items: { enum: Object.keys(configProperties) } },
  }),
  ConfigChange: { type: "object", additionalProperties: false, properties: configProperties },
  Decision: objectOf({
    jobId: { type: "integer" },
    kind: { type: "string" },
    strategy: { enum: STRATEGIES },
    reason: { type: "string" },
    scalingPotential: { type: "number" },
    priority: { type: "integer" },
    policy: { type: "string" },
    load: { type: "object" },
    computeCost: { type: "number" },
    latencyBudgetMs: { type: "number" },
  }, ["computeCost", "latencyBudgetMs"]),
  Demo: objectOf({ running: { enum: ["simulation", "overload", null] } }),
  DemoChange: {
    ...objectOf({ run: { enum: ["simulation", "overload", "stop"] } }),
    additionalProperties: false,
  },
};
