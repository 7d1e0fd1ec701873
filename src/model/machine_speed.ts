/** Within how long, in ms, and to what ratio, the times of two kinds must have changed alike. */
const WITHIN_MS = 5_000;
const ALIKE = 1.4;

/** A change of the times of a kind. */
interface Change {
  readonly kind: number;
  readonly factor: number;
  readonly atMs: number;
}

/** Notices that the machine has become slower or faster: two kinds have, by the same factor, at the same time. */
export class MachineSpeed {
  #last: Change | null = null;

  /**
   * The times of a kind have changed by a factor, from some time on; returns since when the machine has, and
   * those of all kinds with it. `NaN` if it has not.
   */
  changed(kind: number, factor: number, atMs: number): number {
    const last = this.#last;
    this.#last = { kind, factor, atMs };
    if (last === null || last.kind === kind || Math.abs(atMs - last.atMs) > WITHIN_MS) {
      return NaN;
    }
    const ratio = factor / last.factor;
    return ratio < ALIKE && ratio > 1 / ALIKE ? Math.min(last.atMs, atMs) : NaN;
  }
}
