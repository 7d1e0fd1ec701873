/** Greatest `at_ms`: beyond, microseconds would be lost. */
export const MAX_AT_MS = 1e15;
const MAX_BUDGET_MS = 2_147_483_647;
const MAX_KEY_LENGTH = 200;

/** The fields of a request, as named in files; their values may be anything. */
export interface RequestFields {
  readonly at_ms?: unknown;
  readonly kind?: unknown;
  readonly cost?: unknown;
  readonly scaling?: unknown;
  readonly budget_ms?: unknown;
  readonly priority?: unknown;
  readonly key?: unknown;
  readonly input?: unknown;
}

/** The same, checked. */
export interface CheckedFields {
  readonly at_ms: number;
  readonly kind: string;
  readonly cost: number | undefined;
  readonly scaling: number | undefined;
  readonly budget_ms: number | undefined;
  readonly priority: number | undefined;
  readonly key: string | undefined;
  readonly input: unknown;
}

/** Checks what any request must be, of whatever kind: gives its fields, or what is wrong with them. */
export function checkFields(fields: RequestFields): CheckedFields | string {
  const { at_ms, kind, cost, scaling, budget_ms, priority, key, input } = fields;
  if (!isNumber(at_ms, 0, MAX_AT_MS)) {
    return `at_ms must be a number of ms from 0 to ${MAX_AT_MS}: received ${show(at_ms)}`;
  }
  if (typeof kind !== "string" || kind === "") {
    return `kind must be the name of a kind: received ${show(kind)}`;
  }
  if (cost !== undefined && !isNumber(cost, 0, Number.MAX_VALUE)) {
    return `cost must be a number >= 0: received ${show(cost)}`;
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
  if (
    key !== undefined && !(typeof key === "string" && key !== "" && key.length <= MAX_KEY_LENGTH)
  ) {
    return `key must be a text of 1 to ${MAX_KEY_LENGTH} characters: received ${show(key)}`;
  }
  return { at_ms, kind, cost, scaling, budget_ms, priority, key, input };
}

/** Whether a value is a number from `min` to `max`, both included. */
export function isNumber(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && value >= min && value <= max;
}

/** A received value in a message. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (typeof value === "object" && value !== null) return "an object";
  return value === undefined ? "nothing" : String(value);
}
