/** More different budgets than this are not told apart one by one. */
const MOST = 12;

/** What budgets are told apart. */
export interface BudgetClasses {
  /** The number of the class of a budget, in ms; classes are in the order of their numbers. */
  classOf(budgetMs: number): number;
  /** The name of a class. */
  nameOf(budgetClass: number): string;
}

/** Each budget as it was written. */
export const EACH_BUDGET: BudgetClasses = {
  classOf: (budgetMs) => budgetMs,
  nameOf: String,
};

/** Budgets of the same power of two together. */
export const POWERS_OF_TWO: BudgetClasses = {
  classOf: powerOfTwo,
  nameOf: (power) => power === Infinity ? "Infinity" : `${power}-${2 * power}`,
};

/** How to tell so many budgets apart that a table can have them all. */
export function classesFor(budgetsMs: Iterable<number>): BudgetClasses {
  return new Set(budgetsMs).size <= MOST ? EACH_BUDGET : POWERS_OF_TWO;
}

/** The power of two that a budget, in ms, has reached; `Infinity` without one. */
export function powerOfTwo(budgetMs: number): number {
  if (budgetMs === Infinity) return Infinity;
  let power = 1;
  while (2 * power <= budgetMs) power *= 2;
  while (power > budgetMs) power /= 2;
  return power;
}
