import { STATUSES, STRATEGIES, type Strategy } from "../../mod.ts";
import {
  type JobRecord,
  type RecordedDecision,
  type RecordedOutcome,
  TRACE_VERSION,
  type TraceHeader,
} from "./recording.ts";
import { checkFields, isNumber, type RequestFields, show } from "./trace_field.ts";

/** The fields of a line, as named in files; their values may be anything. */
export interface LineFields extends RequestFields {
  readonly id?: unknown;
  readonly decision?: unknown;
  readonly outcome?: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** Parses a line of a recording: its fields, or what is wrong with it. */
export function readFields(line: string): LineFields | string {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    return "the line must be JSON";
  }
  return isObject(row) ? row : "the line must be a JSON object";
}

/** Parses the first line of a recording: the header, or what is wrong with it. */
export function readHeader(line: string): TraceHeader | string {
  const fields = readFields(line);
  if (typeof fields === "string") return fields;
  const { helix_trace, policy, workers, kinds } = fields as Fields;
  if (helix_trace === undefined) {
    return `the first line must be the header of a recording, {"helix_trace":${TRACE_VERSION}}`;
  }
  if (helix_trace !== TRACE_VERSION) {
    return `helix_trace must be ${TRACE_VERSION}, the version that can be read: received ${
      show(helix_trace)
    }`;
  }
  if (policy !== undefined && typeof policy !== "string") {
    return `policy must be a name: received ${show(policy)}`;
  }
  if (workers !== undefined && !isCount(workers)) {
    return `workers must be an integer >= 0: received ${show(workers)}`;
  }
  const isList = Array.isArray(kinds) && kinds.every((kind) => typeof kind === "string");
  if (kinds !== undefined && !isList) return `kinds must be names: received ${show(kinds)}`;
  return { helix_trace, policy, workers, kinds: kinds as string[] | undefined };
}

/** Makes the record of a line: the record, or what is wrong with it. */
export function toJobRecord(line: LineFields): JobRecord | string {
  const request = checkFields(line);
  if (typeof request === "string") return request;
  const { id } = line;
  if (id !== undefined && !isCount(id)) return `id must be an integer >= 0: received ${show(id)}`;
  const decision = line.decision === undefined ? undefined : checkDecision(line.decision);
  if (typeof decision === "string") return decision;
  const outcome = checkOutcome(line.outcome);
  return typeof outcome === "string" ? outcome : { ...request, id, decision, outcome };
}

function checkDecision(decision: unknown): RecordedDecision | string {
  if (!isObject(decision)) return `decision must be an object: received ${show(decision)}`;
  const { strategy, reason, isProbe, predictedWaitMs, predictedRunMs, predictedHighMs } = decision;
  const predicted = { predictedWaitMs, predictedRunMs, predictedHighMs };
  if (!isStrategy(strategy)) return wrongWord("decision.strategy", strategy, STRATEGIES);
  if (typeof reason !== "string") return `decision.reason must be a text: received ${show(reason)}`;
  if (isProbe !== undefined && typeof isProbe !== "boolean") {
    return `decision.isProbe must be true or false: received ${show(isProbe)}`;
  }
  for (const [name, ms] of Object.entries(predicted)) {
    if (ms !== undefined && typeof ms !== "number") return wrongMs(`decision.${name}`, ms);
  }
  return { strategy, reason, isProbe, ...predicted } as RecordedDecision;
}

/** Checks how a job ended: gives it, or what is wrong with it. */
export function checkOutcome(outcome: unknown): RecordedOutcome | string {
  if (!isObject(outcome)) return `outcome must be an object: received ${show(outcome)}`;
  const { status, strategy, reason, lateMs, waitMs, runMs, batchSize } = outcome;
  const { totalMs, withinBudget } = outcome;
  const statuses: readonly unknown[] = [...STATUSES, "refused"];
  if (!statuses.includes(status)) return wrongWord("outcome.status", status, statuses);
  if (!isStrategy(strategy)) return wrongWord("outcome.strategy", strategy, STRATEGIES);
  if (reason !== undefined && typeof reason !== "string") {
    return `outcome.reason must be a text: received ${show(reason)}`;
  }
  for (const [name, ms] of Object.entries({ waitMs, totalMs })) {
    if (!isTime(ms)) return wrongMs(`outcome.${name}`, ms);
  }
  for (const [name, ms] of Object.entries({ lateMs, runMs })) {
    if (ms !== undefined && !isTime(ms)) return wrongMs(`outcome.${name}`, ms);
  }
  if (batchSize !== undefined && !(isCount(batchSize) && batchSize > 0)) {
    return `outcome.batchSize must be an integer >= 1: received ${show(batchSize)}`;
  }
  if (typeof withinBudget !== "boolean") {
    return `outcome.withinBudget must be true or false: received ${show(withinBudget)}`;
  }
  const routed = { status, strategy, reason, lateMs, waitMs, runMs, batchSize };
  return { ...routed, totalMs, withinBudget } as RecordedOutcome;
}

function wrongWord(name: string, received: unknown, words: readonly unknown[]): string {
  return `${name} must be one of ${words.join(", ")}: received ${show(received)}`;
}

function wrongMs(name: string, received: unknown): string {
  return `${name} must be a number of ms: received ${show(received)}`;
}

function isTime(value: unknown): value is number {
  return isNumber(value, 0, Number.MAX_VALUE);
}

function isCount(value: unknown): value is number {
  return isNumber(value, 0, Number.MAX_SAFE_INTEGER) && Number.isInteger(value);
}

function isStrategy(value: unknown): value is Strategy {
  return (STRATEGIES as readonly unknown[]).includes(value);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}
