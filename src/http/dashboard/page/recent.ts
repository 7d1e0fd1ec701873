/** The newest items, at most `capacity` of them; adding takes the same time however many there are. */
export class Recent<Item> {
  readonly #items: Item[] = [];
  readonly #capacity: number;
  #next = 0;

  /** @param capacity Items that are kept, >= 1. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many there are. */
  get size(): number {
    return this.#items.length;
  }

  /** Adds an item, and forgets the oldest if there are too many. */
  add(item: Item): void {
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** Forgets all. */
  clear(): void {
    this.#items.length = 0;
    this.#next = 0;
  }

  /** From the newest to the oldest, those that pass, at most `limit`. */
  newest(limit: number, passes: (item: Item) => boolean = () => true): Item[] {
    const found: Item[] = [];
    const { length } = this.#items;
    for (let back = 1; back <= length && found.length < limit; back++) {
      const item = this.#items[(this.#next - back + length) % length];
      if (passes(item)) found.push(item);
    }
    return found;
  }
}
