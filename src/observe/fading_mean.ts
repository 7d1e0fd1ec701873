/** Values that count: an older one weighs less and less, one in e so many values later. */
const MEMORY = 256;
const FADING = 1 - 1 / MEMORY;

/** A mean in which older values fade. */
export class FadingMean {
  #total = 0;
  /** Values that count, some 256 at most. */
  count = 0;
  /** `NaN` before the first value. */
  mean: number = NaN;

  /** Adds a value that stands for `weight` of them. */
  add(value: number, weight: number): void {
    this.count = this.count * FADING + 1;
    this.#total = this.#total * FADING + weight;
    const before = this.count > 1 ? this.mean : value;
    this.mean = before + (value - before) * weight / this.#total;
  }
}
