import { headOf } from "./ring_memory.ts";

/** Heads of calls, by name of their kind. */
export class KindHeads {
  readonly #heads: ReadonlyMap<string, number>;
  /** The kind of the last call, and its head: the next one is often of the same kind. */
  #lastKind = "";
  #lastHead = 0;

  constructor(kinds: readonly string[]) {
    this.#heads = new Map(kinds.map((name, place) => [name, headOf(place)]));
  }

  of(kind: string): number {
    if (kind === this.#lastKind) return this.#lastHead;
    this.#lastHead = this.#heads.get(kind)!;
    this.#lastKind = kind;
    return this.#lastHead;
  }
}
