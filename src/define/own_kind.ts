import {
  isObject,
  isWithin,
  type NumberRange,
  ownOptions,
  rangeOf,
  shown,
  TIMER_MS,
  wordsOf,
} from "../check.ts";
import type { AnyKind, WorkerHooks } from "./jobs.ts";

/** What a cost may be: the `cost` of a kind, the hint `computeCost`. */
export const COST: NumberRange = rangeOf(0, Number.MAX_VALUE);

/** What a parallel payoff may be: the `scaling` of a kind, the hint `scalingPotential`. */
export const SCALING: NumberRange = rangeOf(0, 1);

/** What a priority may be, on a kind and on a submit. */
export const PRIORITY: NumberRange = rangeOf(0, 9, { integer: true });

/** How many runs at a time a kind may be limited to. */
export const CONCURRENCY: NumberRange = rangeOf(1, 1_000_000, { integer: true });

/** What a value must be. */
interface Rule {
  readonly wanted: string;
  isRight(value: unknown): boolean;
}

const numberIn = (range: NumberRange): Rule => ({
  wanted: wordsOf(range),
  isRight: (value) => isWithin(value, range),
});
const fn: Rule = { wanted: "a function", isRight: (value) => typeof value === "function" };

/** Every key of a kind. */
const KIND: Readonly<Record<keyof AnyKind, Rule>> = {
  input: { wanted: "anything", isRight: () => true }, // a schema is checked when it is loaded
  cost: {
    wanted: `${wordsOf(COST)}, or a function of the input`,
    isRight: (value) => typeof value === "function" || isWithin(value, COST),
  },
  scaling: numberIn(SCALING),
  runTimeoutMs: numberIn(TIMER_MS),
  latencyBudgetMs: numberIn(TIMER_MS),
  priority: numberIn(PRIORITY),
  concurrency: numberIn(CONCURRENCY),
  concurrencyPerKey: numberIn(CONCURRENCY),
  idempotent: { wanted: "true or false", isRight: (value) => typeof value === "boolean" },
  transfer: fn,
  transferOutput: fn,
  run: fn,
  runBatch: fn,
};

const HOOKS: Readonly<Record<keyof WorkerHooks, Rule>> = { setup: fn, teardown: fn };

/**
 * Copies a kind, with every key set, so that none is read from `Object.prototype`.
 *
 * @throws {TypeError} If a key is invalid, unknown or inherited.
 */
export function ownKind(name: string, value: unknown): AnyKind {
  const whose = `kind "${name}"`;
  if (!isObject(value)) {
    throw cannotDefine(`${whose} must be an object such as { run: (input) => … }`, shown(value));
  }
  const own = check(value, KIND, whose);
  if (own.run === undefined) throw wrong("run", undefined, fn.wanted, whose);
  return Object.freeze(own as unknown as AnyKind);
}

/**
 * Copies the hooks, with both keys set.
 *
 * @throws {TypeError} If a key is invalid, unknown or inherited.
 */
export function ownHooks(value: unknown): WorkerHooks {
  return check(value ?? {}, HOOKS, "the hooks");
}

function check(
  value: unknown,
  rules: Readonly<Record<string, Rule>>,
  whose: string,
): Record<string, unknown> {
  const refuse = (key: string, received: unknown, wanted: string): TypeError =>
    wrong(key, received, wanted, whose);
  const keys = Object.keys(rules);
  const given = ownOptions(value, keys, refuse);
  const own = keys.map((key) => {
    const { wanted, isRight } = rules[key];
    const item = given[key];
    if (item !== undefined && !isRight(item)) throw refuse(key, item, wanted);
    return [key, item];
  });
  return Object.fromEntries(own);
}

function wrong(key: string, received: unknown, wanted: string, whose: string): TypeError {
  return cannotDefine(`"${key}" of ${whose} must be ${wanted}`, shown(received));
}

/** The error of what `defineJobs()` refuses. */
export function cannotDefine(why: string, received: string): TypeError {
  return new TypeError(`Cannot define jobs as ${why}: received ${received}`);
}
