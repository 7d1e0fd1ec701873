import { answerRefusal } from "../answers/answer.ts";
import { overloaded, type RefusedRequestError } from "../answers/refusal.ts";
import { ClientSignal } from "./client_signal.ts";
import { requestTimeout, type ResolvedLimits } from "./limits.ts";

// Kept, as tests replace them by fakes.
const { performance, setTimeout, clearTimeout } = globalThis;

/** Longest sleep of the timer, in ms: timers cannot sleep for as long as a request may take. */
const MAX_SLEEP_MS = 1_000;

/** A request in progress: as a signal, it also aborts when the request takes too long. */
export class RunningRequest extends ClientSignal {
  /** Its deadline, on the clock of `performance.now()`. */
  readonly deadlineMs: number;
  /** Called at the deadline, after the signal has aborted. Its place is free by then. */
  onExpire: ((reason: RefusedRequestError) => void) | null = null;
  /** Whether its response is a stream, which calls `end()` itself. */
  isHeld = false;
  older: RunningRequest | null = null;
  newer: RunningRequest | null = null;
  readonly #all: RunningRequests;
  #isOver = false;

  constructor(all: RunningRequests, request: Request, deadlineMs: number) {
    super(request);
    this.#all = all;
    this.deadlineMs = deadlineMs;
  }

  /** It is over: frees its place. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.onExpire = null;
    this.#all.remove(this);
  }
}

/**
 * The requests in progress: counts them, and ends those that take too long. All have the same
 * timeout, so the oldest is always due first, and one timer serves all; without a request there is none.
 */
export class RunningRequests {
  readonly #limits: ResolvedLimits;
  #count = 0;
  #oldest: RunningRequest | null = null;
  #newest: RunningRequest | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(limits: ResolvedLimits) {
    this.#limits = limits;
  }

  /**
   * Answers a request within the limits: not too many at a time, and none for too long.
   *
   * @param request The request.
   * @param answer Answers it.
   * @returns The response.
   * @throws What `answer` rejects with.
   */
  answer(
    request: Request,
    answer: (running: RunningRequest) => Promise<Response>,
  ): Response | Promise<Response> {
    const running = this.#enter(request);
    if (running === null) return answerRefusal(overloaded("there are too many at a time"));
    return new Promise((resolve, reject) => {
      running.onExpire = (reason) => resolve(answerRefusal(reason));
      answer(running).then((response) => {
        if (!running.isHeld) running.end();
        resolve(response);
      }, (error) => {
        running.end();
        reject(error);
      });
    });
  }

  /** Admits a request; `null` if there is no place for it. */
  #enter(request: Request): RunningRequest | null {
    const { maxConcurrentRequests, requestTimeoutMs } = this.#limits;
    if (this.#count >= maxConcurrentRequests) return null;
    this.#count++;
    const nowMs = performance.now();
    const running = new RunningRequest(this, request, nowMs + requestTimeoutMs);
    running.older = this.#newest;
    if (this.#newest === null) this.#oldest = running;
    else this.#newest.newer = running;
    this.#newest = running;
    if (this.#timer === null && requestTimeoutMs < Infinity) this.#wait(requestTimeoutMs);
    return running;
  }

  /** Removes a request that is over. */
  remove(running: RunningRequest): void {
    const { older, newer } = running;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    this.#count--;
    if (this.#count > 0 || this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => this.#expire(), Math.min(ms, MAX_SLEEP_MS));
    // A request keeps its connection and the process alive; its timer need not.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  #expire(): void {
    this.#timer = null;
    const nowMs = performance.now();
    while (this.#oldest !== null && this.#oldest.deadlineMs <= nowMs) {
      const running = this.#oldest;
      const { onExpire } = running;
      const reason = requestTimeout(this.#limits.requestTimeoutMs);
      running.end();
      running.abort(reason);
      onExpire?.(reason);
    }
    if (this.#oldest !== null && this.#timer === null) {
      this.#wait(Math.max(1, this.#oldest.deadlineMs - nowMs));
    }
  }
}
