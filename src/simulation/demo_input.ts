import type { SchemaIssue, SchemaResult, StandardSchema } from "../../mod.ts";

/** An unsigned 64-bit integer: a bigint, a safe integer, or decimal digits as JSON carries them. */
export type Uint64 = bigint | number | string;

/** Input of a demo kernel. */
export interface DemoInput {
  /** Number of the job. */
  readonly id: Uint64;
  /** The values to work on. */
  readonly inputs: readonly Uint64[];
  /** Cost of the job, in units of its kind. */
  readonly cost: Uint64;
}

/** A {@linkcode DemoInput} as the kernel receives it. */
export interface DemoValues {
  /** Number of the job. */
  readonly id: bigint;
  /** The values to work on. */
  readonly inputs: readonly bigint[];
  /** Cost of the job, in units of its kind. */
  readonly cost: bigint;
}

const UINT64_MAX = 2n ** 64n - 1n;
const MOST_ROUNDS = 4_294_967_295;
const UINT64 = "an integer from 0 to 2^64 - 1 (bigint, safe integer or decimal string)";

/** Checks the input of the kernels; written by hand, so that workers load no schema library. */
export const demoInput: StandardSchema<DemoInput, DemoValues> = schema((value, issues) => {
  if (typeof value !== "object" || value === null) {
    issues.push({ message: `must be an object with id, inputs and cost: received ${show(value)}` });
    return undefined;
  }
  const { id, inputs, cost } = value as Record<string, unknown>;
  const values: DemoValues = {
    id: toUint64(id, ["id"], issues),
    inputs: toUint64s(inputs, issues),
    cost: toUint64(cost, ["cost"], issues),
  };
  return values;
});

/** Checks the input of `llm_request`: a number of rounds. */
export const roundsInput: StandardSchema<number, number> = schema((value, issues) => {
  const isRounds = Number.isInteger(value) && (value as number) >= 0 &&
    (value as number) <= MOST_ROUNDS;
  if (isRounds) return value as number;
  issues.push({ message: `must be an integer from 0 to 2^32 - 1: received ${show(value)}` });
  return undefined;
});

/** Creates a synchronous schema from a function that returns a value or adds issues. */
function schema<In, Out>(
  parse: (value: unknown, issues: SchemaIssue[]) => Out | undefined,
): StandardSchema<In, Out> {
  const validate = (value: unknown): SchemaResult<Out> => {
    const issues: SchemaIssue[] = [];
    const parsed = parse(value, issues);
    return issues.length > 0 ? { issues } : { value: parsed as Out };
  };
  return { "~standard": { version: 1, vendor: "helixrouter", validate } };
}

function toUint64s(value: unknown, issues: SchemaIssue[]): bigint[] {
  if (Array.isArray(value)) {
    return Array.from(value, (item, i) => toUint64(item, ["inputs", i], issues));
  }
  issues.push({ path: ["inputs"], message: `must be an array: received ${show(value)}` });
  return [];
}

function toUint64(value: unknown, path: PropertyKey[], issues: SchemaIssue[]): bigint {
  const isExact = typeof value === "bigint" || Number.isSafeInteger(value) ||
    (typeof value === "string" && /^\d{1,20}$/.test(value));
  if (isExact) {
    const exact = BigInt(value as Uint64);
    if (exact >= 0n && exact <= UINT64_MAX) return exact;
  }
  issues.push({ path, message: `must be ${UINT64}: received ${show(value)}` });
  return 0n;
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 40));
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
