/** A caller's signal that counts who listens to it. */
export class CountingController {
  readonly controller = new AbortController();
  readonly reason = { why: "the caller does not want it any more" };
  listeners = 0;
  /** The most listeners at a time. */
  most = 0;

  constructor() {
    const { signal } = this.controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      this.most = Math.max(this.most, ++this.listeners);
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      this.listeners--;
      remove(...args);
    };
  }
}
