import { type DemoInput, demoInput } from "./demo_input.ts";
import { demoJobs, type DemoKinds } from "./jobs.ts";
import { LLM_UNIT_NS } from "./service_time.ts";

/** A request of a trace, as read from the file. */
export interface TraceRequest {
  /** When it arrives, in ms from the first request. */
  readonly atMs: number;
  /** Its kind. */
  readonly kind: keyof DemoKinds;
  /** Its cost, in units of the kind. */
  readonly cost: number;
  /** Parallel payoff, 0 to 1; the kind's own if absent. */
  readonly scalingPotential?: number | undefined;
  /** Latency budget, from arrival to outcome, in ms; no limit if absent. */
  readonly latencyBudgetMs?: number | undefined;
  /** Priority, 0 to 9; 5 if absent. */
  readonly priority?: number | undefined;
  /** Input of a kernel; generated if absent. */
  readonly input?: DemoInput | undefined;
}

/** Parses one row: returns the request, or what is wrong with the row. */
export type ReadRow = (line: string) => TraceRequest | string;

const MAX_AT_MS = 1e15;
const MAX_BUDGET_MS = 2_147_483_647;
/** Five seconds of work; the rounds of a request are a 32-bit number. */
const MAX_LLM_COST = 5e9 / LLM_UNIT_NS;
const NUMBER = /^\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** Parses `TIMESTAMP,ContextTokens,GeneratedTokens`. */
export function readAzureRow(line: string): TraceRequest | string {
  const fields = line.split(",");
  if (fields.length !== 3) return `the row must have 3 fields: received ${fields.length}`;
  const [timestamp, context, generated] = fields;
  const atMs = toEpochMs(timestamp);
  if (atMs === undefined) {
    return `TIMESTAMP must be like 2023-11-16 18:15:46.6805900: received ${show(timestamp)}`;
  }
  if (!/^\d{1,9}$/.test(context)) {
    return `ContextTokens must be an integer >= 0: received ${show(context)}`;
  }
  if (!/^\d{1,9}$/.test(generated)) {
    return `GeneratedTokens must be an integer >= 0: received ${show(generated)}`;
  }
  const cost = 20 * (Number(context) + 10 * Number(generated));
  const nominalMs = cost * LLM_UNIT_NS / 1e6;
  return toRequest({
    at_ms: atMs,
    kind: "llm_request",
    cost,
    scaling: 0.5,
    budget_ms: 20 + 3 * nominalMs,
  });
}

/** Parses `at_ms,kind,cost,scaling,budget_ms`; scaling and budget may be empty. */
export function readPlainRow(line: string): TraceRequest | string {
  const fields = line.split(",").map((field) => field.trim());
  if (fields.length !== 5) return `the row must have 5 fields: received ${fields.length}`;
  const [at_ms, kind, cost, scaling, budget_ms] = fields;
  return toRequest({
    at_ms: toNumber(at_ms),
    kind,
    cost: toNumber(cost),
    scaling: scaling === "" ? undefined : toNumber(scaling),
    budget_ms: budget_ms === "" ? undefined : toNumber(budget_ms),
  });
}

/** Parses a line of a recording; fields beyond the request are ignored. */
export function readRecordedRow(line: string): TraceRequest | string {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    return "the line must be JSON";
  }
  return typeof row === "object" && row !== null
    ? toRequest(row)
    : "the line must be a JSON object";
}

/** The fields of a request, as named in files; their values may be anything. */
interface Fields {
  readonly at_ms?: unknown;
  readonly kind?: unknown;
  readonly cost?: unknown;
  readonly scaling?: unknown;
  readonly budget_ms?: unknown;
  readonly priority?: unknown;
  readonly input?: unknown;
}

function toRequest(fields: Fields): TraceRequest | string {
  const { at_ms, kind, cost, scaling, budget_ms, priority, input } = fields;
  if (!isNumber(at_ms, 0, MAX_AT_MS)) {
    return `at_ms must be a number of ms from 0 to ${MAX_AT_MS}: received ${show(at_ms)}`;
  }
  if (!isKind(kind)) {
    return `kind must be one of ${Object.keys(demoJobs.kinds).join(", ")}: received ${show(kind)}`;
  }
  const isLlm = kind === "llm_request";
  const maxCost = isLlm ? MAX_LLM_COST : Number.MAX_SAFE_INTEGER;
  if (!isNumber(cost, 0, maxCost) || (!isLlm && !Number.isInteger(cost))) {
    const wanted = isLlm ? "a number" : "an integer";
    return `cost must be ${wanted} from 0 to ${maxCost}: received ${show(cost)}`;
  }
  if (scaling !== undefined && !isNumber(scaling, 0, 1)) {
    return `scaling must be a number from 0 to 1: received ${show(scaling)}`;
  }
  if (budget_ms !== undefined && !(isNumber(budget_ms, 0, MAX_BUDGET_MS) && budget_ms > 0)) {
    return `budget_ms must be a number of ms above 0 and at most ${MAX_BUDGET_MS}: received ${
      show(budget_ms)
    }`;
  }
  if (priority !== undefined && !(isNumber(priority, 0, 9) && Number.isInteger(priority))) {
    return `priority must be an integer from 0 to 9: received ${show(priority)}`;
  }
  const request = { atMs: at_ms, kind, cost, scalingPotential: scaling, priority };
  if (input === undefined || isLlm) return { ...request, latencyBudgetMs: budget_ms };
  const checked = checkInput(input, cost);
  if (typeof checked === "string") return checked;
  return { ...request, latencyBudgetMs: budget_ms, input: checked };
}

/** Validates the input of a kernel; its cost is that of the row. */
function checkInput(input: unknown, cost: number): DemoInput | string {
  const withCost = typeof input === "object" ? { ...input, cost } : input;
  const result = demoInput["~standard"].validate(withCost);
  if (result instanceof Promise) return "the input cannot be validated synchronously";
  if (result.issues === undefined) return result.value;
  const { path = [], message } = result.issues[0];
  return [`input${path.map((step) => `.${String(step)}`).join("")}`, message].join(" ");
}

function isNumber(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && value >= min && value <= max;
}

function isKind(value: unknown): value is keyof DemoKinds {
  return typeof value === "string" && Object.hasOwn(demoJobs.kinds, value);
}

/** The number a field holds, or the field itself, so that the message can show it. */
function toNumber(field: string): number | string {
  return NUMBER.test(field) ? Number(field) : field;
}

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d{1,9})?$/;

/** Milliseconds since 1970 of a timestamp, which is read as UTC. */
function toEpochMs(timestamp: string): number | undefined {
  const match = TIMESTAMP.exec(timestamp);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC turns February 31 into March 3.
  const date = new Date(ms).toISOString().slice(0, 19).replace("T", " ");
  if (!timestamp.startsWith(date)) return undefined;
  const epochMs = ms + Number(match[7] ?? 0) * 1_000;
  return epochMs >= 0 ? epochMs : undefined;
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (typeof value === "object" && value !== null) return "an object";
  return value === undefined ? "nothing" : String(value);
}
