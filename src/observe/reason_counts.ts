import { OwnReasons } from "../policy/own_reasons.ts";

/** Counts decisions by kind and reason. A row of them for one kind and reason is noted when it ends: that is quick. */
export class ReasonCounts {
  readonly #bounds: readonly OwnReasons[];
  readonly #counts: readonly Map<string, number>[];
  #kind = 0;
  #reason: unknown = undefined;
  /** Decisions in the row. */
  #row = 0;

  constructor(kinds: number) {
    this.#bounds = Array.from({ length: kinds }, () => new OwnReasons());
    this.#counts = Array.from({ length: kinds }, () => new Map());
  }

  /** Counts a decision for kind number `kind`. */
  add(kind: number, reason: unknown): void {
    if (kind !== this.#kind || reason !== this.#reason) this.#begin(kind, reason);
    this.#row++;
  }

  #begin(kind: number, reason: unknown): void {
    this.#note();
    this.#kind = kind;
    this.#reason = reason;
  }

  #note(): void {
    if (this.#row === 0) return;
    const counts = this.#counts[this.#kind];
    const reason = this.#bounds[this.#kind].bound(this.#reason);
    counts.set(reason, (counts.get(reason) ?? 0) + this.#row);
    this.#row = 0;
  }

  /** Decisions for kind number `kind`, by reason. */
  of(kind: number): Readonly<Record<string, number>> {
    this.#note();
    return Object.fromEntries(this.#counts[kind]);
  }
}
