import { Recent } from "./recent.ts";

/** Costs seen of one kind on one strategy. */
export interface CostFigures {
  readonly kind: string;
  readonly strategy: string;
  /** Decisions it is drawn from. */
  readonly count: number;
  readonly p5: number;
  readonly p50: number;
  readonly p95: number;
}

const PER_PAIR = 256;
const MAX_PAIRS = 200;

/** Remembers the costs of the last decisions by kind and strategy. */
export class CostSample {
  readonly #pairs = new Map<string, { kind: string; strategy: string; costs: Recent<number> }>();

  /** Adds a decision; one of unknown cost, or of no cost on a log scale, says nothing. */
  add(kind: string, strategy: string, cost: number | undefined): void {
    if (cost === undefined || !(cost > 0)) return;
    const key = `${strategy} ${kind}`;
    let pair = this.#pairs.get(key);
    if (pair === undefined) {
      if (this.#pairs.size >= MAX_PAIRS) return;
      pair = { kind, strategy, costs: new Recent(PER_PAIR) };
      this.#pairs.set(key, pair);
    }
    pair.costs.add(cost);
  }

  /** Figures of one kind on one strategy; `undefined` if no decision for it was seen. */
  figures(kind: string, strategy: string): CostFigures | undefined {
    const costs = this.#pairs.get(`${strategy} ${kind}`)?.costs.newest(PER_PAIR);
    if (costs === undefined) return undefined;
    costs.sort((a, b) => a - b);
    const at = (q: number) => costs[Math.min(costs.length - 1, Math.floor(q * costs.length))];
    return { kind, strategy, count: costs.length, p5: at(0.05), p50: at(0.5), p95: at(0.95) };
  }
}
