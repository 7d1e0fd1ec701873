/// <reference lib="dom" />
import { backOffMs } from "./back_off.ts";
import { AnswerError, type Client } from "./client.ts";
import { SseParser } from "./sse_parser.ts";

/** A decision as the feed shows it. */
export interface SeenDecision {
  readonly jobId: number;
  readonly kind: string;
  readonly strategy: string;
  readonly reason: string;
  readonly moved?: true;
  readonly computeCost?: number;
  readonly latencyBudgetMs?: number;
  readonly predictedRunMs?: number;
  readonly load: {
    readonly poolRunning: number;
    readonly cpuParallelism: number;
    readonly poolWaiting: number;
    readonly loopLagMs: number;
  };
}

/** What comes from the stream. */
export interface DecisionEvents {
  decisions(decisions: readonly SeenDecision[], missed: number): void;
  state(state: "open" | "closed" | "absent"): void;
}

/** Listens to the decisions; read by `fetch`, as `EventSource` cannot send the token. */
export class DecisionStream {
  readonly #client: Client;
  readonly #events: DecisionEvents;
  #open: AbortController | undefined;
  #query = "";
  #failures = 0;

  constructor(client: Client, events: DecisionEvents) {
    this.#client = client;
    this.#events = events;
  }

  /** Listens from now on, to those of a kind and of a strategy only; `""` is all. */
  listen(kind: string, strategy: string): void {
    const given = Object.entries({ kind, strategy }).filter(([, value]) => value !== "");
    const query = String(new URLSearchParams(given));
    if (this.#open !== undefined && query === this.#query) return;
    this.stop();
    this.#query = query;
    this.#open = new AbortController();
    void this.#run(this.#open.signal);
  }

  /** Stops listening: the server then has nothing more to do for it. */
  stop(): void {
    this.#open?.abort();
    this.#open = undefined;
    this.#failures = 0;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#read(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof AnswerError && error.status === 404) {
          return this.#events.state("absent");
        }
        // The poller asks for the token.
        if (error instanceof AnswerError && error.status === 401) return this.stop();
      }
      if (signal.aborted) return;
      this.#events.state("closed");
      await pause(backOffMs(++this.#failures, Math.random()), signal);
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const path = `api/decisions${this.#query === "" ? "" : `?${this.#query}`}`;
    const headers = { accept: "text/event-stream" };
    const response = await this.#client.fetch(path, { headers, signal });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new SseParser();
    this.#events.state("open");
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return;
      this.#failures = 0;
      for (const { event, data } of parser.push(value)) {
        if (event !== "decisions") continue;
        const { decisions, missed } = JSON.parse(data) as {
          decisions: readonly SeenDecision[];
          missed: number;
        };
        this.#events.decisions(decisions, missed);
      }
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
