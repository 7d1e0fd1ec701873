import type { AbortListener, CancelSignal } from "../../../mod.ts";

/**
 * Aborts when the client disconnects, or when its request takes too long. A request's own signal is
 * slow to create and to listen to, and most jobs are over before they could be cancelled: this one
 * costs nothing until `follow()` finds that a job still listens.
 */
export class ClientSignal implements CancelSignal {
  aborted = false;
  reason: unknown = undefined;
  readonly #request: { readonly signal: AbortSignal };
  /** Almost always there is at most one: the router's. */
  #listener: AbortListener | null = null;
  #others: AbortListener[] | null = null;
  #isFollowing = false;

  /** @param request The client's request. */
  constructor(request: { readonly signal: AbortSignal }) {
    this.#request = request;
  }

  /** Starts listening to the client, if anything listens to this signal. */
  follow(): void {
    if (this.#isFollowing || this.#listener === null || this.aborted) return;
    this.#isFollowing = true;
    const { signal } = this.#request;
    if (signal.aborted) this.abort(signal.reason);
    else signal.addEventListener("abort", () => this.abort(signal.reason), { once: true });
  }

  /** Aborts; has no effect after the first time. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (let listener = this.#listener; listener !== null; listener = this.#listener) {
      this.removeEventListener("abort", listener);
      if (typeof listener === "function") listener();
      else listener.handleEvent();
    }
  }

  addEventListener(_type: "abort", listener: AbortListener): void {
    if (this.#listener === null || this.#listener === listener) this.#listener = listener;
    else if (!this.#others?.includes(listener)) (this.#others ??= []).push(listener);
  }

  removeEventListener(_type: "abort", listener: AbortListener): void {
    if (this.#listener === listener) this.#listener = this.#others?.shift() ?? null;
    else this.#others = this.#others?.filter((other) => other !== listener) ?? null;
  }
}
