import { LEVELS } from "./call_queue.ts";
import type { ShareClass } from "./shares.ts";
import { Flow, Turns } from "./turns.ts";

/** A kind of which calls without a budget wait. */
class KindFlow extends Flow {
  readonly shareClass: ShareClass;

  constructor(shareClass: ShareClass) {
    super(shareClass.id);
    this.shareClass = shareClass;
  }
}

/** Whose turn it is among the kinds of which calls without a budget wait, by level. */
export class PatientTurns {
  readonly #levels: (Turns<KindFlow> | null)[] = new Array(LEVELS).fill(null);

  /** Those of a level; `null` if none waits in it. */
  at(level: number): Turns<KindFlow> | null {
    return this.#levels[level];
  }

  /** The class whose turn it is in a level in which any waits. */
  first(level: number): ShareClass {
    return this.#levels[level]!.first!.shareClass;
  }

  wait(shareClass: ShareClass, level: number, keepsMs: number): void {
    const turns = this.#levels[level] ??= new Turns();
    turns.wait(turns.get(shareClass.id) ?? turns.add(new KindFlow(shareClass)), keepsMs);
  }

  leave(shareClass: ShareClass, level: number, keepsMs: number): void {
    const turns = this.#levels[level]!;
    turns.leave(turns.get(shareClass.id)!, keepsMs);
    if (turns.size === 0) this.#levels[level] = null;
  }

  charge(shareClass: ShareClass, level: number, ms: number): void {
    const turns = this.#levels[level];
    const flow = turns?.get(shareClass.id);
    if (flow !== undefined) turns!.charge(flow, ms, true);
  }
}
