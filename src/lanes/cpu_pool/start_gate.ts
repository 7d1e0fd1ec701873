import { InvalidOptionError, JobModuleError } from "../../errors.ts";
import { backOffMs } from "./back_off.ts";
import { RespawnBudget } from "./respawn_budget.ts";

const MAX_FAILURES = 3;

/** Decides when the next worker may be started, after failed starts and crashes. */
export class StartGate {
  /** Why no worker can be started; `null` if one can, or one is ready. */
  error: Error | null = null;
  readonly #budget: RespawnBudget;
  #failures = 0;
  #opensAtMs = -Infinity;

  /** @param budget Crashes in a row that are replaced at once. */
  constructor(budget: number) {
    this.#budget = new RespawnBudget(budget);
  }

  /** Time until a worker may be started, in ms; 0 or less if one may be started now. */
  waitMs(nowMs: number): number {
    return this.#opensAtMs - nowMs;
  }

  /** Why no worker can be started now. */
  errorAt(nowMs: number): Error | null {
    return nowMs < this.#opensAtMs ? this.error : null;
  }

  /** A worker is ready. */
  opened(): void {
    this.#failures = 0;
    this.error = null;
  }

  /**
   * A worker failed to start. A module that cannot be loaded will not load the next time either,
   * nor does "worker" give another object;
   * for any other cause a few more attempts are made, each after a longer back-off.
   *
   * @returns Whether to give up: the next attempt is not expected to succeed.
   */
  failed(nowMs: number, error: Error): boolean {
    // Workers that were started together fail together: that counts as one attempt.
    if (nowMs >= this.#opensAtMs) {
      this.#opensAtMs = nowMs + backOffMs(this.#failures++);
    }
    const isSame = error instanceof JobModuleError || error instanceof InvalidOptionError;
    return isSame || this.#failures >= MAX_FAILURES;
  }

  /** A worker has crashed; an idle one may have done so right after it started. */
  crashed(nowMs: number, wasIdle: boolean): void {
    const delayMs = Math.max(this.#budget.crashed(nowMs), wasIdle ? backOffMs(0) : 0);
    if (delayMs > 0) this.#opensAtMs = nowMs + delayMs;
  }
}
