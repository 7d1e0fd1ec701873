import type { LoadGauges } from "../policy/load.ts";
import { whyHere } from "../policy/here_only.ts";
import type { JobFacts, KindFacts } from "../policy/policy.ts";
import type { Job } from "./job.ts";

/** Less than this, in ms, is not worth a word, however short a slice may be. */
export const LEAST_MS = 1;

/**
 * A single long run, and one in so many, may be due to the machine: it holds up this thread now and then, if others
 * are busy.
 */
const RARE = 100;

/** Tells of kinds that block the router's thread for longer than a slice because no worker can load them. */
export class Blockers {
  readonly #load: LoadGauges;
  readonly #warn: (message: string) => void;
  /** Number of long runs of a kind; `Infinity` once it was told of. */
  readonly #long = new Map<KindFacts, number>();

  /** `warn` tells whoever runs the program. */
  constructor(load: LoadGauges, warn: (message: string) => void) {
    this.#load = load;
    this.#warn = warn;
  }

  /** A run of `runMs`, which has been learned from, has kept its thread busy for `busyMs`. */
  ran({ facts: { kind, computeCost } }: Job, busyMs: number, runMs: number): void {
    if (kind.hasModule || !this.#isLong(busyMs)) return;
    const count = (this.#long.get(kind) ?? 0) + 1;
    this.#long.set(kind, count);
    if (count === Infinity) return;
    const { runs, busyMedianMs, busyTypicalMs } = this.#load.model.predict(kind, computeCost);
    // Of a costly input, all runs may be long.
    const isRare = count === 1 || count * RARE < runs;
    if (isRare && !this.#isLong(busyMedianMs)) return;
    // What a run does after it has returned a promise is found by a timer that is late. Now and then, that is due
    // to the program's own work, or to a busy machine.
    const isShared = busyMs < runMs;
    if (isShared && (count === 1 || !this.#isLong(busyTypicalMs))) return;
    this.#long.set(kind, Infinity);
    const beside = isShared ? ", or what ran while it was pending," : "";
    this.#warn(toWords(kind, `A job of kind "${kind.name}"${beside} has blocked`, busyMs));
  }

  /** The same in words of a job that is expected to; `undefined` of any other. */
  wordsOf({ kind, computeCost }: JobFacts): string | undefined {
    if (kind.hasModule) return undefined;
    const ms = this.#load.model.predict(kind, computeCost).busyMedianMs;
    return this.#isLong(ms) ? toWords(kind, "It blocks", ms) : undefined;
  }

  /** Whether a run blocks this thread for longer than it may at a time. */
  #isLong(ms: number): boolean {
    return ms > LEAST_MS && ms > this.#load.inlineSliceMs;
  }
}

function toWords(kind: KindFacts, who: string, ms: number): string {
  return `${who} this thread for ${Math.round(ms)} ms, ${whyHere(kind)}.`;
}
