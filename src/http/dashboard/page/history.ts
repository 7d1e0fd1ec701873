/** One value at one time; `null` where there was none. */
export type Point = number | null;

/** Columns of values over time that forget what is older than their capacity. */
export class History {
  /** When, in seconds since 1970, rising. */
  readonly times: number[] = [];
  readonly #capacity: number;
  readonly #columns = new Map<string, Point[]>();

  /** @param capacity Rows that are kept, >= 1. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Adds a row; a column that is not in it gets `null`. A time that does not rise is left out. */
  push(time: number, row: Readonly<Record<string, Point>>): void {
    if (this.times.length > 0 && time <= this.times[this.times.length - 1]) return;
    for (const name of Object.keys(row)) {
      if (!this.#columns.has(name)) this.#columns.set(name, this.times.map(() => null));
    }
    this.times.push(time);
    for (const [name, column] of this.#columns) column.push(row[name] ?? null);
    if (this.times.length <= this.#capacity) return;
    this.times.shift();
    for (const column of this.#columns.values()) column.shift();
  }

  /** One column, as long as `times`. */
  column(name: string): readonly Point[] {
    return this.#columns.get(name) ?? this.times.map(() => null);
  }
}
