import type { Context, HonoRequest } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import { type HelixRouter, STRATEGIES } from "../../../mod.ts";
import { HEADERS, toJson } from "../answers/answer.ts";
import { overloaded } from "../answers/refusal.ts";
import { invalidQuery, readQuery } from "../requests/query.ts";
import { DecisionWindow } from "./decision_window.ts";

// Kept, as tests replace them by fakes.
const { setTimeout, clearTimeout } = globalThis;

/** The part of a router that is streamed. */
export type HeardRouter =
  & Pick<HelixRouter<unknown>, "closed" | "onDecision">
  & { readonly kinds: readonly string[] };

/** Minimum time between events, in ms. */
const EVENT_MS = 250;
/** Time without an event after which a comment keeps the connection alive, in ms. */
const COMMENT_MS = 15_000;
const MAX_DECISIONS = 50;
/** Bounded, as each listener costs time at every decision. */
const MAX_STREAMS = 32;

const ACTION = "stream decisions";

interface Filter {
  readonly kind: string | undefined;
  readonly strategy: string | undefined;
}

/** Answers `GET /api/decisions`: streams of a router's decisions. */
export class DecisionStreams {
  readonly #router: HeardRouter;
  readonly #open = new Set<SSEStreamingApi>();

  constructor(router: HeardRouter) {
    this.#router = router;
  }

  /** Ends all streams: a server that closes would wait for them. */
  end(): void {
    for (const stream of this.#open) stream.abort();
  }

  /**
   * Answers with a stream. It listens to the router only while its client is connected.
   *
   * @throws {RefusedRequestError} If the query is invalid (422), or there are too many streams
   * (503).
   */
  answer(c: Context): Response {
    const filter = this.#readFilter(c.req);
    if (c.req.method === "HEAD") return new Response(null, { headers: STREAM_HEADERS });
    if (this.#open.size >= MAX_STREAMS) {
      throw overloaded(`there are already ${MAX_STREAMS} streams of decisions`);
    }
    const response = streamSSE(c, (stream) => this.#feed(stream, filter));
    for (const [name, value] of Object.entries(STREAM_HEADERS)) response.headers.set(name, value);
    return response;
  }

  #readFilter(request: HonoRequest): Filter {
    const { kind, strategy } = readQuery(request, ["kind", "strategy"], ACTION);
    const { kinds } = this.#router;
    if (kind !== undefined && !kinds.includes(kind)) {
      throw invalidQuery("kind", `one of ${kinds.join(", ")}`, ACTION);
    }
    if (strategy !== undefined && !(STRATEGIES as readonly string[]).includes(strategy)) {
      throw invalidQuery("strategy", `one of ${STRATEGIES.join(", ")}`, ACTION);
    }
    return { kind, strategy };
  }

  async #feed(stream: SSEStreamingApi, { kind, strategy }: Filter): Promise<void> {
    this.#open.add(stream);
    const window = new DecisionWindow(MAX_DECISIONS, Math.random);
    const pause = new Pause();
    let isIdle = false;
    const stop = this.#router.onDecision((record) => {
      if (kind !== undefined && record.kind !== kind) return;
      if (strategy !== undefined && record.strategy !== strategy) return;
      window.add(record);
      if (isIdle) pause.end();
    });
    stream.onAbort(() => {
      stop();
      pause.end();
    });
    try {
      await stream.write(": decisions\n\n"); // so that the client gets the headers at once
      while (!stream.aborted && !this.#router.closed) {
        if (window.count > 0) {
          await stream.writeSSE({ event: "decisions", data: toJson(window.take()) });
          if (!stream.aborted) await pause.wait(EVENT_MS);
        } else {
          isIdle = true;
          await pause.wait(COMMENT_MS);
          isIdle = false;
          if (window.count === 0) await stream.write(": still here\n\n");
        }
      }
    } finally {
      stop();
      this.#open.delete(stream);
    }
  }
}

const STREAM_HEADERS = {
  ...HEADERS,
  "content-type": "text/event-stream",
  // A proxy in front must not buffer events.
  "x-accel-buffering": "no",
};

/** A wait that can be cut short. */
class Pause {
  #end: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#end = resolve;
      this.#timer = setTimeout(resolve, ms);
    });
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#end?.();
  }
}
