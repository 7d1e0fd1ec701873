import type { HonoRequest } from "hono";
import * as z from "zod";
import type { Limits, SubmitOptions } from "../../../mod.ts";
import { cut } from "../answers/bounded_error.ts";
import { RefusedRequestError } from "../answers/refusal.ts";
import type { HttpIssue } from "../api/error.ts";
import type { HttpHints } from "../api/jobs.ts";
import { MAX_KEY_LENGTH, MAX_TIMER_MS } from "../requests/limits.ts";

/** A hint that requests may give. */
interface HintRule {
  /** Its header. */
  readonly header: string;
  /** What it may be. */
  readonly wanted: string;
  /** Whether it is a text, and not a number. */
  readonly isText?: true;
  /** Whether it is that; of the type that is wanted it is. */
  readonly isRight: (value: never) => boolean;
}

const TIME = {
  wanted: `a number of ms above 0 and at most ${MAX_TIMER_MS}`,
  isRight: (value: number) => value > 0 && value <= MAX_TIMER_MS,
};

const RULES: { readonly [name in keyof HttpHints]-?: HintRule } = {
  latencyBudgetMs: { header: "helix-latency-budget-ms", ...TIME },
  priority: {
    header: "helix-priority",
    wanted: "an integer from 0 to 9",
    isRight: (value) => Number.isInteger(value) && value >= 0 && value <= 9,
  },
  key: {
    header: "helix-key",
    wanted: `a text of 1 to ${MAX_KEY_LENGTH} characters`,
    isText: true,
    isRight: (value: string) => value !== "" && value.length <= MAX_KEY_LENGTH,
  },
  runTimeoutMs: { header: "helix-run-timeout-ms", ...TIME },
};

/** Names of the hints that requests may give. */
export const HINT_NAMES = Object.keys(RULES) as readonly (keyof HttpHints)[];

/** The hints and their headers. */
export const HINT_HEADERS: readonly (readonly [keyof HttpHints, string])[] = HINT_NAMES
  .map((name) => [name, RULES[name].header]);

/** Hints that only a program may give, with a submit: they are for the router to believe. */
const PROGRAM_HINTS = [
  ["computeCost", "helix-compute-cost"],
  ["scalingPotential", "helix-scaling-potential"],
  ["arrivedAtMs", "helix-arrived-at-ms"],
] as const;

/** Names of the hints that only a program may give. */
export const PROGRAM_HINT_NAMES: readonly string[] = PROGRAM_HINTS.map(([name]) => name);

/** Hints in a body that are looked at: if there are more, one of these is wrong. */
const MANY = HINT_NAMES.length + 1;

/** Checks the hints in a body: their names, types and ranges. */
export const hintsSchema: z.ZodType<HttpHints> = z.record(z.string(), z.unknown())
  .superRefine((hints, context) => {
    const all = Object.entries(hints);
    for (const [name, value] of all.slice(0, MANY)) {
      const message = objectionTo(name, value);
      if (message === undefined) continue;
      context.addIssue({ code: "custom", path: [name], message });
    }
    const more = all.length - MANY;
    if (more > 0) context.addIssue({ code: "custom", path: [], message: `and ${more} more` });
  });

/**
 * Reads the hints of a request.
 *
 * @param request The request.
 * @param body Hints in its body, checked; they take precedence over those in headers.
 * @param limits The limits of the kind: hints can only tighten them.
 * @returns What to submit the job with; `undefined` if there are no hints.
 * @throws {RefusedRequestError} If a header is none that requests may give, or out of range (422).
 */
export function readHints(
  request: HonoRequest,
  body: HttpHints | undefined,
  limits: Limits,
): SubmitOptions | undefined {
  let headers: Record<string, number | string> | undefined;
  const given = request.raw.headers;
  for (const [name, header] of HINT_HEADERS) {
    const text = given.get(header);
    if (text !== null) (headers ??= {})[name] = hintIn(name, text, ["headers", header]);
  }
  for (const [name, header] of PROGRAM_HINTS) {
    const text = given.get(header);
    if (text !== null) hintIn(name, text, ["headers", header]);
  }
  if (headers !== undefined) return tighten(limits, { ...headers, ...body });
  return body === undefined ? undefined : tighten(limits, body);
}

/** Longest text that is read as a number, in characters. */
const MAX_NUMBER_LENGTH = 64;

/**
 * Reads a hint that came as a text.
 *
 * @param name Its name.
 * @param text The text.
 * @param path Where it was.
 * @param action What cannot be done if it is refused.
 * @returns Its value.
 * @throws {RefusedRequestError} If requests may not give it, or if it is out of range (422).
 */
export function hintIn(
  name: string,
  text: string,
  path: HttpIssue["path"],
  action = "submit job",
): number | string {
  // On a long text, the test takes time in the square of its length.
  const isNumber = text.length <= MAX_NUMBER_LENGTH &&
    /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
  const value = isNumber && !isText(name) ? Number(text) : text;
  const message = objectionTo(name, value);
  if (message === undefined) return value;
  const issues = [{ path, message }];
  throw new RefusedRequestError(422, "invalid_hints", `Cannot ${action}: ${message}`, { issues });
}

/**
 * What a job of a request is submitted with. The request may ask for less than its kind allows, never
 * for more; its run timeout settles the job, but ends no worker that others use, too.
 */
export function tighten(limits: Limits, hints: HttpHints): SubmitOptions {
  const { latencyBudgetMs = Infinity, priority = Infinity, runTimeoutMs, key } = hints;
  const budgetMs = Math.min(latencyBudgetMs, limits.latencyBudgetMs);
  return {
    latencyBudgetMs: budgetMs === Infinity ? undefined : budgetMs,
    priority: Math.min(priority, limits.priority),
    key,
    abortAfterMs: runTimeoutMs,
  };
}

/** What is wrong with a hint, and what to do about it; `undefined` if nothing is. */
function objectionTo(name: string, value: unknown): string | undefined {
  if (!Object.hasOwn(RULES, name)) {
    return `hint ${shown(name)} is not taken from requests, received ${shown(value)}: send only ` +
      `${HINT_NAMES.join(", ")}, and define everything else with the kind of the job`;
  }
  const { wanted, isRight } = RULES[name as keyof HttpHints];
  const type = isText(name) ? "string" : "number";
  if (typeof value === type && isRight(value as never)) return undefined;
  return `hint "${name}" must be ${wanted}: received ${shown(value)}`;
}

function isText(name: string): boolean {
  return Object.hasOwn(RULES, name) && RULES[name as keyof HttpHints].isText === true;
}

/** A value of a request, in a message: not all of it. */
function shown(value: unknown): string {
  return typeof value === "number" ? `${value}` : cut(JSON.stringify(value), 80);
}
