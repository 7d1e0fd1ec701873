type Listener = EventListenerOrEventListenerObject;

/**
 * Aborts when the client goes away, or when its request takes too long. A request's own signal is
 * slow to make and to listen to, and most jobs are over before they could be cancelled: this one
 * costs nothing until `follow()` finds that a job still listens.
 */
export class ClientSignal implements AbortSignal {
  aborted = false;
  reason: unknown = undefined;
  onabort: ((this: AbortSignal, event: Event) => unknown) | null = null;
  readonly #request: { readonly signal: AbortSignal };
  readonly #listeners: Listener[] = [];
  #isFollowing = false;

  /** @param request The client's request. */
  constructor(request: { readonly signal: AbortSignal }) {
    this.#request = request;
  }

  /** Listens to the client from now on, if somebody listens to this. */
  follow(): void {
    if (this.#isFollowing || this.#listeners.length === 0 || this.aborted) return;
    this.#isFollowing = true;
    const { signal } = this.#request;
    if (signal.aborted) this.abort(signal.reason);
    else signal.addEventListener("abort", () => this.abort(signal.reason), { once: true });
  }

  /** Aborts, once. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.dispatchEvent(new Event("abort"));
  }

  addEventListener(_type: string, listener: Listener): void {
    if (!this.#listeners.includes(listener)) this.#listeners.push(listener);
  }

  removeEventListener(_type: string, listener: Listener): void {
    const place = this.#listeners.indexOf(listener);
    if (place >= 0) this.#listeners.splice(place, 1);
  }

  dispatchEvent(event: Event): boolean {
    for (const listener of this.#listeners.splice(0)) {
      if (typeof listener === "function") listener.call(this, event);
      else listener.handleEvent(event);
    }
    this.onabort?.call(this, event);
    return true;
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }
}
