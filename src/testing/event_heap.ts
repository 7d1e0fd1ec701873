/** A callback that is due at a time. */
export class Due {
  readonly atMs: number;
  // deno-lint-ignore no-explicit-any
  readonly #fn: (arg: any) => void;
  readonly #arg: unknown;
  isCancelled = false;

  // deno-lint-ignore no-explicit-any
  constructor(atMs: number, fn: (arg: any) => void, arg: unknown) {
    this.atMs = atMs;
    this.#fn = fn;
    this.#arg = arg;
  }

  fire(): void {
    this.isCancelled = true; // it does not happen again
    this.#fn(this.#arg);
  }

  cancel(): void {
    this.isCancelled = true;
  }
}

interface Entry {
  readonly event: Due;
  readonly atMs: number;
  readonly order: number;
}

/** Events by time, and by order of addition where times are equal: a heap with four branches. */
export class EventHeap {
  readonly #heap: Entry[] = [];
  #order = 0;

  /** Adds an event. */
  push(event: Due): void {
    const entry = { event, atMs: event.atMs, order: this.#order++ };
    const heap = this.#heap;
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const parent = (place - 1) >> 2;
      if (!isBefore(entry, heap[parent])) break;
      heap[place] = heap[parent];
      place = parent;
    }
    heap[place] = entry;
  }

  /** The next event that has not been cancelled. */
  get first(): Due | undefined {
    const heap = this.#heap;
    while (heap.length > 0 && heap[0].event.isCancelled) this.#removeFirst();
    return heap.length === 0 ? undefined : heap[0].event;
  }

  /** Whether no other event than this one will ever be due. Looks at all of them. */
  isOnly(event: Due): boolean {
    return this.#heap.every((entry) =>
      entry.event === event || entry.event.isCancelled || entry.atMs === Infinity
    );
  }

  /** Removes the event that `first` gave. */
  shift(): void {
    this.#removeFirst();
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    const { length } = heap;
    if (length === 0) return;
    let place = 0;
    for (;;) {
      const firstChild = 4 * place + 1;
      if (firstChild >= length) break;
      let least = firstChild;
      const end = Math.min(firstChild + 4, length);
      for (let child = firstChild + 1; child < end; child++) {
        if (isBefore(heap[child], heap[least])) least = child;
      }
      if (!isBefore(heap[least], last)) break;
      heap[place] = heap[least];
      place = least;
    }
    heap[place] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
