const ARITY = 4;

/**
 * A heap whose items know their index, so that any item can be removed in O(log n).
 *
 * @typeParam T The items.
 */
export class IndexedHeap<T> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;
  readonly #placed: (item: T, place: number) => void;

  /**
   * @param before Returns whether `a` comes before `b`.
   * @param placed Stores an item's index in the item; -1 once it is removed.
   */
  constructor(before: (a: T, b: T) => boolean, placed: (item: T, place: number) => void) {
    this.#before = before;
    this.#placed = placed;
  }

  get size(): number {
    return this.#items.length;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  /** A copy of the items, in no particular order. */
  all(): T[] {
    return [...this.#items];
  }

  push(item: T): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  /** Removes the item at index `place`. */
  removeAt(place: number): void {
    const items = this.#items;
    const gone = items[place];
    const last = items.pop()!;
    this.#placed(gone, -1);
    if (gone === last) return;
    items[place] = last;
    this.moved(place);
  }

  /** The item at index `place` comes earlier or later than it did. */
  moved(place: number): void {
    const item = this.#items[place];
    if (place > 0 && this.#before(item, this.#items[parentOf(place)])) this.#rise(item, place);
    else this.#sink(item, place);
  }

  #rise(item: T, from: number): void {
    const items = this.#items;
    let place = from;
    while (place > 0) {
      const up = parentOf(place);
      if (!this.#before(item, items[up])) break;
      this.#put(items[up], place);
      place = up;
    }
    this.#put(item, place);
  }

  #sink(item: T, from: number): void {
    const items = this.#items;
    let place = from;
    for (;;) {
      const start = place * ARITY + 1;
      if (start >= items.length) break;
      let best = start;
      const end = Math.min(start + ARITY, items.length);
      for (let child = start + 1; child < end; child++) {
        if (this.#before(items[child], items[best])) best = child;
      }
      if (!this.#before(items[best], item)) break;
      this.#put(items[best], place);
      place = best;
    }
    this.#put(item, place);
  }

  #put(item: T, place: number): void {
    this.#items[place] = item;
    this.#placed(item, place);
  }
}

function parentOf(place: number): number {
  return Math.floor((place - 1) / ARITY);
}
