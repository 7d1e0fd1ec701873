import { OwnReasons } from "../policy/own_reasons.ts";

/** Decisions for one kind, counted by reason. */
export class ReasonCounts {
  readonly #bounds = new OwnReasons();
  readonly #counts = new Map<string, number>();

  /** Counts so many decisions for a reason, which may be anything that a policy gives. */
  add(reason: unknown, decisions: number): void {
    const bound = this.#bounds.bound(reason);
    this.#counts.set(bound, (this.#counts.get(bound) ?? 0) + decisions);
  }

  all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
