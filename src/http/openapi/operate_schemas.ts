import { z } from "zod";
import { STRATEGIES } from "../../../mod.ts";
import { configChange } from "../operate/config_schema.ts";
import { objectOf } from "./answer_schemas.ts";
import type { JsonSchema } from "./input_schema.ts";

const { $schema: _, ...change } = z.toJSONSchema(configChange, { io: "input" });
const properties = change.properties as Readonly<Record<string, JsonSchema>>;

/** Schemas of what operators read and change, by name. */
export const OPERATE_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Config: objectOf({
    config: objectOf(properties, ["policy"]),
    writable: { type: "array", items: { enum: Object.keys(properties) } },
  }),
  ConfigChange: change,
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
    key: { type: "string" },
  }, ["computeCost", "latencyBudgetMs", "key"]),
  Demo: objectOf({ running: { enum: ["simulation", "overload", null] } }),
  DemoChange: {
    ...objectOf({ run: { enum: ["simulation", "overload", "stop"] } }),
    additionalProperties: false,
  },
};
