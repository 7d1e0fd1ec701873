import { JobModuleError } from "../../errors.ts";
import { backOffMs } from "./back_off.ts";
import { RespawnBudget } from "./respawn_budget.ts";

const MAX_FAILURES = 3;

/** Tells when the next worker may be started, after starts that failed and workers that crashed. */
export class StartGate {
  /** Why no worker can be started; `null` when one can, or is there. */
  error: Error | null = null;
  readonly #budget: RespawnBudget;
  #failures = 0;
  #opensAtMs = -Infinity;

  /** @param budget Crashes in a row after which workers are replaced at once. */
  constructor(budget: number) {
    this.#budget = new RespawnBudget(budget);
  }

  /** Time until a worker may be started, in ms; not above 0 when it may now. */
  waitMs(nowMs: number): number {
    return this.#opensAtMs - nowMs;
  }

  /** Why no worker can be started now. */
  errorAt(nowMs: number): Error | null {
    return nowMs < this.#opensAtMs ? this.error : null;
  }

  /** A worker has come up. */
  opened(): void {
    this.#failures = 0;
    this.error = null;
  }

  /**
   * A worker did not come up. A module that cannot be loaded will not load the next time either; for
   * any other cause a few more tries are made, each later than the one before.
   *
   * @returns Whether there is no hope that the next try is better.
   */
  failed(nowMs: number, error: Error): boolean {
    // Workers that were started together fail together: that is one try.
    if (nowMs >= this.#opensAtMs) {
      this.#opensAtMs = nowMs + backOffMs(this.#failures++);
    }
    return error instanceof JobModuleError || this.#failures >= MAX_FAILURES;
  }

  /** A worker has crashed; one that was idle may have done so as soon as it was up. */
  crashed(nowMs: number, wasIdle: boolean): void {
    const delayMs = Math.max(this.#budget.crashed(nowMs), wasIdle ? backOffMs(0) : 0);
    if (delayMs > 0) this.#opensAtMs = nowMs + delayMs;
  }
}
