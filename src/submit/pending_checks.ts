import type { CancelSignal } from "../cancel_signal.ts";
import type { Given } from "./given.ts";
import { hearRejection } from "../thenable.ts";
import type { KindInfo } from "./kind.ts";
import { Refusal, refusalOf } from "./refusal.ts";

/** A submit whose input is still being validated by an asynchronous schema. */
export interface Checking {
  readonly state: "checking";
  readonly kind: KindInfo;
  readonly checked: PromiseLike<unknown>;
  readonly given: Given;
}

/** Inputs whose schema has not answered yet. Each ends once: by its answer, an abort, or close. */
export class PendingChecks {
  readonly #cancels = new Set<(refusal: Refusal) => void>();

  get size(): number {
    return this.#cancels.size;
  }

  /** Waits for an answer; `done` or `refused` is called once. */
  add(
    answer: PromiseLike<unknown>,
    signal: CancelSignal | undefined,
    done: (value: unknown) => void,
    refused: (refusal: Refusal) => void,
  ): void {
    const end = (step: () => void): void => {
      if (!this.#cancels.delete(cancel)) return;
      try {
        signal?.removeEventListener("abort", abort);
      } catch {
        // It is the caller's own signal, and no longer needed.
      }
      step();
    };
    const cancel = (refusal: Refusal): void => end(() => refused(refusal));
    const abort = (): void => cancel(new Refusal("aborted", signal!.reason));
    this.#cancels.add(cancel);
    try {
      signal?.addEventListener("abort", abort);
      answer.then((value) => end(() => done(value)), (error) => cancel(refusalOf(error)));
    } catch (error) { // the caller's signal has thrown, or the schema's promise
      hearRejection(answer); // its result is not needed
      cancel(refusalOf(error));
    }
  }

  /** Ends all that still wait. */
  cancelAll(error: unknown): void {
    for (const cancel of [...this.#cancels]) cancel(refusalOf(error));
  }
}
