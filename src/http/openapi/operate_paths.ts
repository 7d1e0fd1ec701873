import { STRATEGIES } from "../../../mod.ts";
import { HINT_NAMES } from "../jobs/hints.ts";
import { HINT_SCHEMAS } from "./answer_schemas.ts";
import type { JsonSchema } from "./input_schema.ts";
import { answerOf, errorsOf, type Operation, schemaRef } from "./operation.ts";

const TEXT = { schema: { type: "string" } };
const METRICS = { "text/plain": TEXT, "application/openmetrics-text": TEXT };

function status(...names: readonly string[]): JsonSchema {
  return { type: "object", required: ["status"], properties: { status: { enum: names } } };
}

function inQuery(name: string, schema: JsonSchema, description?: string): JsonSchema {
  return { name, in: "query", ...description === undefined ? {} : { description }, schema };
}

function jsonBody(schema: JsonSchema): JsonSchema {
  return { required: true, content: { "application/json": { schema } } };
}

/** What is served besides the jobs: operations by path and method. */
export const OPERATE_PATHS: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  "/api/explain/{kind}": {
    get: {
      tag: "operation",
      summary: "The decision that would be made for a job now, and why; nothing is run.",
      access: "reader",
      parameters: [
        { name: "kind", in: "path", required: true, schema: { type: "string" } },
        inQuery(
          "input",
          { type: "string" },
          "Input of the job, as JSON; null if omitted.",
        ),
        ...HINT_NAMES.map((name) => inQuery(name, HINT_SCHEMAS[name])),
      ],
      responses: {
        200: answerOf("The decision.", schemaRef("Decision")),
        ...errorsOf(400, 404, 422),
      },
    },
  },
  "/api/stats": {
    get: {
      tag: "operation",
      summary: "Counters, distributions and load.",
      access: "reader",
      responses: { 200: answerOf("The current figures.", schemaRef("Stats")) },
    },
  },
  "/api/decisions": {
    get: {
      tag: "operation",
      summary: "A stream of decisions: at most one event per 250 ms, with at most 50 decisions.",
      access: "reader",
      parameters: [
        inQuery("kind", { type: "string" }, "Only decisions about this kind."),
        inQuery("strategy", { enum: STRATEGIES }, "Only decisions for this strategy."),
      ],
      responses: {
        200: {
          description: "Events `decisions`, their data `{ decisions, missed }` as JSON.",
          content: { "text/event-stream": { schema: { type: "string" } } },
        },
        ...errorsOf(422, 503),
      },
    },
  },
  "/api/config": {
    get: {
      tag: "operation",
      summary: "The settings of the router that can change at run time.",
      access: "reader",
      responses: { 200: answerOf("The current configuration.", schemaRef("Config")) },
    },
    patch: {
      tag: "operation",
      summary: "Changes settings: all that are given, or none.",
      access: "changer",
      requestBody: jsonBody(schemaRef("ConfigChange")),
      responses: {
        200: answerOf("The new configuration.", schemaRef("Config")),
        ...errorsOf(400, 413, 415, 422, 503, 504),
      },
    },
  },
  "/api/demo": {
    get: {
      tag: "operation",
      summary: "The demo load that runs now.",
      access: "reader",
      responses: {
        200: answerOf("The demo load, or null.", schemaRef("Demo")),
        404: answerOf("There is no demo load.", schemaRef("Error")),
      },
    },
    post: {
      tag: "operation",
      summary: "Starts or stops a demo load.",
      access: "changer",
      requestBody: jsonBody(schemaRef("DemoChange")),
      responses: {
        202: answerOf("The demo load that runs now, or null.", schemaRef("Demo")),
        ...errorsOf(400, 413, 415, 422, 503, 504),
        404: answerOf("There is no demo load.", schemaRef("Error")),
      },
    },
  },
  "/metrics": {
    get: {
      tag: "operation",
      summary: "The metrics, for Prometheus.",
      access: "reader",
      responses: {
        200: {
          description: "The metrics, in the text format of Prometheus or as OpenMetrics.",
          content: METRICS,
        },
      },
    },
  },
  "/healthz": {
    get: {
      tag: "health",
      summary: "Whether the router takes jobs.",
      access: "anyone",
      responses: {
        200: answerOf("It does.", status("ok")),
        503: answerOf("It is closed.", status("closed")),
      },
    },
  },
  "/readyz": {
    get: {
      tag: "health",
      summary: "Whether jobs should be sent here now.",
      access: "anyone",
      responses: {
        200: answerOf("They should.", status("ready")),
        503: answerOf(
          "They should not: the router is closed, or workers cannot run them.",
          status("closed", "workers_lost", "workers_fail"),
        ),
      },
    },
  },
};
