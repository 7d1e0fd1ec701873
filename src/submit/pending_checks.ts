import { Aborted } from "./refusal.ts";

/** Inputs whose schema has not answered yet. Each ends once: by its answer, an abort, or close. */
export class PendingChecks {
  readonly #cancels = new Set<(error: unknown) => void>();

  get size(): number {
    return this.#cancels.size;
  }

  /** Waits for an answer; `done` or `failed` is called once. */
  add(
    answer: PromiseLike<unknown>,
    signal: AbortSignal | undefined,
    done: (value: unknown) => void,
    failed: (error: unknown) => void,
  ): void {
    const end = (step: () => void): void => {
      if (!this.#cancels.delete(cancel)) return;
      signal?.removeEventListener("abort", abort);
      step();
    };
    const cancel = (error: unknown): void => end(() => failed(error));
    const abort = (): void => cancel(new Aborted(signal!.reason));
    this.#cancels.add(cancel);
    signal?.addEventListener("abort", abort);
    answer.then((value) => end(() => done(value)), cancel);
  }

  /** Ends all that still wait. */
  cancelAll(error: unknown): void {
    for (const cancel of [...this.#cancels]) cancel(error);
  }
}
