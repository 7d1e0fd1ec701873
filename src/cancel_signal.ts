/** Hears that a signal has aborted. */
export type AbortListener = (() => void) | { handleEvent(): void };

/** What the router uses of an `AbortSignal`. */
export interface CancelSignal {
  /** Whether it has aborted. */
  readonly aborted: boolean;
  /** Why. */
  readonly reason: unknown;
  /** Adds a listener; one that is there already is not added again. */
  addEventListener(type: "abort", listener: AbortListener): void;
  /** Removes a listener. */
  removeEventListener(type: "abort", listener: AbortListener): void;
}
