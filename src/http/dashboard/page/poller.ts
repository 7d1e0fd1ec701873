/// <reference lib="dom" />
import { backOffMs } from "./back_off.ts";
import { AnswerError, type Client } from "./client.ts";
import type { Stats } from "./stats.ts";

const PERIOD_MS = 1_000;
const PATIENCE_MS = 8_000;

/** How the page stands with its server. */
export type Connection =
  | { readonly state: "connecting" | "live" | "hidden" | "locked" }
  | { readonly state: "lost"; readonly retryAtMs: number; readonly problem: string };

/** Who is told. */
export interface PollerEvents {
  stats(stats: Stats): void;
  connection(connection: Connection): void;
}

/**
 * Asks for the figures once a second while the page can be seen, and for nothing else. After a
 * failure it waits, each time longer.
 */
export class Poller {
  readonly #client: Client;
  readonly #events: PollerEvents;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: AbortController | undefined;

  constructor(client: Client, events: PollerEvents) {
    this.#client = client;
    this.#events = events;
    document.addEventListener("visibilitychange", () => this.#look());
    client.addEventListener("token", () => this.now());
  }

  /** Asks at once. */
  now(): void {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = undefined;
    void this.#ask();
  }

  #look(): void {
    if (!document.hidden) return this.now();
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#asking = undefined;
    this.#events.connection({ state: "hidden" });
  }

  async #ask(): Promise<void> {
    if (document.hidden) return this.#events.connection({ state: "hidden" });
    const asking = this.#asking = new AbortController();
    const startedAtMs = performance.now();
    const patience = setTimeout(() => asking.abort(), PATIENCE_MS);
    let waitMs = PERIOD_MS;
    try {
      const stats = await this.#client.get("api/stats", asking.signal) as Stats;
      if (this.#asking !== asking) return;
      this.#failures = 0;
      this.#events.connection({ state: "live" });
      this.#events.stats(stats);
      waitMs = Math.max(100, PERIOD_MS - (performance.now() - startedAtMs));
    } catch (error) {
      if (this.#asking !== asking) return; // another request has taken its place
      waitMs = this.#fail(error);
    } finally {
      clearTimeout(patience);
    }
    if (waitMs < Infinity) this.#timer = setTimeout(() => void this.#ask(), waitMs);
  }

  /** Tells of a failure, and says when to try again. */
  #fail(error: unknown): number {
    if (error instanceof AnswerError && error.status === 401) {
      this.#events.connection({ state: "locked" });
      return Infinity; // until a token is given
    }
    const waitMs = backOffMs(++this.#failures, Math.random());
    const problem = error instanceof AnswerError ? error.message : "The server does not answer";
    this.#events.connection({ state: "lost", retryAtMs: performance.now() + waitMs, problem });
    return waitMs;
  }
}
