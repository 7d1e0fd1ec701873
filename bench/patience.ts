const MAX_STRIKES = 2;

/**
 * Keeps a run from waiting again and again for a contestant that hangs: one that has failed twice
 * and never given a figure, in whatever suite, is not asked again.
 */
export class Patience {
  readonly #succeeded = new Set<string>();
  readonly #reasons = new Map<string, string[]>();

  /** Notes a figure. */
  succeeded(contestant: string): void {
    this.#succeeded.add(contestant);
  }

  /** Notes a failure. */
  failed(contestant: string, reason: string): void {
    const reasons = this.#reasons.get(contestant) ?? [];
    this.#reasons.set(contestant, [...reasons, reason]);
  }

  /** Why a contestant is not asked again; undefined if it is. */
  exhausted(contestant: string): string | undefined {
    const reasons = this.#reasons.get(contestant) ?? [];
    const isExhausted = reasons.length >= MAX_STRIKES && !this.#succeeded.has(contestant);
    return isExhausted ? reasons[0] : undefined;
  }
}
