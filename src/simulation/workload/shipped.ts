import type { KindSpec, WorkloadSpec } from "./spec.ts";

const AROUND = { type: "uniform", min: 0.5, max: 1.5 } as const;
const EXPONENTIAL = { type: "exponential", mean: 1 } as const;

const tiny: KindSpec = {
  name: "tiny",
  share: 90,
  size: AROUND,
  fixedMs: 0.004,
  perSizeMs: 0.016,
  budgets: [{ share: 1, budgetMs: 50 }],
};
const heavy: KindSpec = {
  name: "heavy",
  share: 10,
  size: AROUND,
  fixedMs: 4,
  perSizeMs: 16,
  budgets: [{ share: 1, budgetMs: 500 }],
};

/** The workloads that come with the laboratory. */
export const WORKLOADS: readonly WorkloadSpec[] = [
  {
    name: "mix",
    about: "90 % tiny jobs of 20 µs, 10 % heavy ones of 20 ms",
    kinds: [tiny, heavy],
  },
  {
    name: "bi50",
    about: "one kind, 80 % of 2 ms and 20 % of 20 ms, a budget of 50 ms",
    kinds: [{
      name: "request",
      share: 1,
      size: {
        ...{ type: "bimodal", share: 0.2, first: AROUND },
        second: { type: "uniform", min: 5, max: 15 },
      },
      fixedMs: 0.4,
      perSizeMs: 1.6,
      budgets: [{ share: 1, budgetMs: 50 }],
    }],
  },
  {
    name: "exp50",
    about: "one kind, exponential sizes of 10 ms on average, a budget of 50 ms",
    kinds: [{
      name: "request",
      share: 1,
      size: EXPONENTIAL,
      fixedMs: 1,
      perSizeMs: 9,
      budgets: [{ share: 1, budgetMs: 50 }],
    }],
  },
  {
    name: "uneven",
    about: "one kind, 1 to 40 ms; half of the jobs have a budget of 20 ms, half of 500",
    kinds: [{
      name: "request",
      share: 1,
      size: { type: "uniform", min: 0, max: 39 },
      fixedMs: 1,
      perSizeMs: 1,
      budgets: [{ share: 1, budgetMs: 20 }, { share: 1, budgetMs: 500 }],
    }],
  },
  {
    name: "pareto",
    about: "one kind, most jobs of 1 to 4 ms, some of hundreds; a budget of 100 ms",
    kinds: [{
      name: "request",
      share: 1,
      size: { type: "pareto", min: 1, max: 1_000, shape: 1.5 },
      fixedMs: 0.2,
      perSizeMs: 0.8,
      bytesPerSize: 100,
      budgets: [{ share: 1, budgetMs: 100 }],
    }],
  },
  {
    name: "latch",
    about:
      "a kind that is slow for two seconds and quick ever after, while others keep the queue busy",
    kinds: [
      {
        name: "latched",
        share: 10,
        size: AROUND,
        fixedMs: 1,
        perSizeMs: 4,
        budgets: [{ share: 1, budgetMs: 100 }],
        changes: [{ from: 0, to: 0.2, busyFactor: 40 }],
      },
      {
        name: "other",
        share: 90,
        size: AROUND,
        fixedMs: 1,
        perSizeMs: 4,
        budgets: [{ share: 1, budgetMs: 100 }],
      },
    ],
  },
  {
    name: "slower",
    about: "a medium kind that goes from 0.2 to 2 ms half way, beside tiny and heavy ones",
    kinds: [
      { ...tiny, share: 30 },
      {
        name: "medium",
        share: 65,
        size: AROUND,
        fixedMs: 0.04,
        perSizeMs: 0.16,
        changes: [{ from: 0.5, busyFactor: 10 }],
      },
      { ...heavy, share: 5 },
    ],
  },
  {
    name: "io",
    about: "90 % wait for 10 ms, 10 % need a core for 5 ms",
    kinds: [
      {
        name: "fetch",
        share: 90,
        size: AROUND,
        fixedMs: 0.01,
        perSizeMs: 0.04,
        waitMs: { type: "lognormal", mean: 10, spread: 0.3 },
        budgets: [{ share: 1, budgetMs: 50 }],
      },
      {
        name: "render",
        share: 10,
        size: AROUND,
        fixedMs: 1,
        perSizeMs: 4,
        budgets: [{ share: 1, budgetMs: 100 }],
      },
    ],
  },
  {
    name: "late",
    about: "one kind that waits for 10 ms and then needs a core for 20: it looks like I/O",
    kinds: [{
      name: "request",
      share: 1,
      size: AROUND,
      fixedMs: 4,
      perSizeMs: 16,
      waitMs: { type: "lognormal", mean: 10, spread: 0.3 },
      afterShare: 0.99,
      budgets: [{ share: 1, budgetMs: 200 }],
    }],
  },
  {
    name: "mix1",
    about: "the sizes of `mix` as one kind, with budgets of 50 and 500 ms that do not go by size",
    kinds: [{
      name: "request",
      share: 1,
      size: {
        ...{ type: "bimodal", share: 0.1, first: AROUND },
        second: { type: "uniform", min: 500, max: 1_500 },
      },
      fixedMs: 0.004,
      perSizeMs: 0.016,
      budgets: [{ share: 1, budgetMs: 50 }, { share: 1, budgetMs: 500 }],
    }],
  },
  {
    name: "bursty",
    about:
      "bursts of 100 ms with pauses of 400 on average, of jobs of 3 ms and a deploy that doubles one kind",
    kinds: [
      {
        name: "page",
        share: 3,
        size: EXPONENTIAL,
        fixedMs: 0.5,
        perSizeMs: 1.5,
        budgets: [{ share: 1, budgetMs: 200 }],
      },
      {
        name: "report",
        share: 1,
        size: EXPONENTIAL,
        fixedMs: 1,
        perSizeMs: 5,
        budgets: [{ share: 1, budgetMs: 1_000 }],
        changes: [{ from: 0.5, rateFactor: 2 }],
      },
    ],
    arrivals: { type: "bursty", onMs: 100, offMs: 400 },
  },
  {
    name: "crowd",
    about:
      "a kind whose waits grow with the square of how many wait at once, beside CPU jobs of 5 ms",
    kinds: [
      {
        name: "query",
        share: 80,
        size: AROUND,
        fixedMs: 0.02,
        perSizeMs: 0.18,
        waitMs: { type: "lognormal", mean: 5, spread: 0.3 },
        crowdMs: 0.1,
        budgets: [{ share: 1, budgetMs: 100 }],
      },
      {
        name: "render",
        share: 20,
        size: AROUND,
        fixedMs: 1,
        perSizeMs: 4,
        budgets: [{ share: 1, budgetMs: 100 }],
      },
    ],
  },
];
