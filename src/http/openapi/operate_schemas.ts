import * as z from "zod";
import { STRATEGIES } from "../../../mod.ts";
import { configChange } from "../operate/config_schema.ts";
import { objectOf } from "./answer_schemas.ts";
import type { JsonSchema } from "./input_schema.ts";

const { $schema: _, ...change } = z.toJSONSchema(configChange, { io: "input" });
const properties = change.properties as Readonly<Record<string, JsonSchema>>;

const ms = { type: "number", minimum: 0 };
const count = { type: "integer", minimum: 0 };
const share = unlessUnknown({ type: "number", minimum: 0, maximum: 1 });

/** `null` stands for what is not known. */
function unlessUnknown(schema: JsonSchema): JsonSchema {
  return { oneOf: [schema, { type: "null" }] };
}

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
    isProbe: { type: "boolean" },
    moved: { const: true },
    predictedWaitMs: ms,
    predictedRunMs: ms,
    predictedHighMs: ms,
    costs: {
      type: "array",
      items: objectOf(
        { strategy: { enum: STRATEGIES }, waitMs: ms, runMs: ms, blocksMs: ms },
        ["waitMs", "runMs", "blocksMs"],
      ),
    },
    why: { type: "array", items: { type: "string" } },
  }, [
    ...["computeCost", "latencyBudgetMs", "key", "isProbe", "moved"],
    ...["predictedWaitMs", "predictedRunMs", "predictedHighMs", "costs", "why"],
  ]),
  Stats: objectOf({
    kinds: {
      type: "array",
      items: objectOf({
        kind: { type: "string" },
        reasons: { type: "object", additionalProperties: count },
        calibration: objectOf({
          runs: count,
          underBound: share,
          sharpness: unlessUnknown({ type: "number", exclusiveMinimum: 0 }),
          waits: count,
          underWait: share,
        }),
        regret: objectOf({
          jobs: count,
          meanMs: unlessUnknown(ms),
          probes: count,
          wronglyRefused: share,
        }),
      }),
    },
  }),
  Demo: objectOf({ running: { enum: ["simulation", "overload", null] } }),
  DemoChange: {
    ...objectOf({ run: { enum: ["simulation", "overload", "stop"] } }),
    additionalProperties: false,
  },
};
