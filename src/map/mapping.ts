import { JobDroppedError, RouterClosedError } from "../errors.ts";
import type { Job } from "../job/job.ts";
import { isOutcome, outcomeOf } from "../job/job_outcome.ts";
import type { Sink } from "../observe/sink.ts";
import type { Load } from "../policy/load.ts";
import type { SubmitOptions } from "../submit/hints.ts";
import { hearRejection, isThenable } from "../thenable.ts";
import { checkHints, type MapInputs, type MapItem, type MapOptions } from "./map_options.ts";
import { Pace } from "./pace.ts";

/** Inputs that are taken at most and not given back as outputs, per job that may be in flight. */
const AHEAD = 8;

/** What a mapping needs of a router. */
export interface MapRouter {
  readonly load: Load;
  offer(kind: string, input: unknown, options: SubmitOptions | undefined, sink: Sink): void;
}

type Item = MapItem<unknown>;
type Source = Iterator<unknown> | AsyncIterator<unknown>;

/** One `router.map()`: takes inputs, keeps jobs in flight, and holds what has ended until it is asked for. */
export class Mapping {
  readonly #router: MapRouter;
  readonly #kind: string;
  readonly #options: MapOptions<never>;
  readonly #pace: Pace;
  readonly #inputs: MapInputs<unknown>;
  #source: Source | undefined = undefined;
  readonly #stop = new AbortController();
  /** What has ended, by index; in order of its end. */
  readonly #ended = new Map<number, Item>();
  #taken = 0;
  #given = 0;
  #inFlight = 0;
  /** Whether the source has no more inputs. */
  #isDrained = false;
  /** Whether it is asked for one now. */
  #isAsked = false;
  /** Why it is over before its end. */
  #failure: { readonly error: unknown } | null = null;
  /** Wakes who waits for an output, and who waits until an input may be taken. */
  #wakeReader = (): void => {};
  #wakeFeeder = (): void => {};

  constructor(
    router: MapRouter,
    kind: string,
    inputs: MapInputs<unknown>,
    options: MapOptions<never>,
  ) {
    this.#router = router;
    this.#kind = kind;
    this.#options = options;
    this.#pace = new Pace(options.concurrency, router.load.cpuParallelism);
    this.#inputs = inputs;
  }

  /** Yields the outputs, or items. */
  async *run(): AsyncGenerator<unknown, void, undefined> {
    const { signal, settled } = this.#options;
    const abort = (): void => this.#fail(signal!.reason);
    if (signal?.aborted) throw signal.reason;
    try {
      signal?.addEventListener("abort", abort);
      const inputs = this.#inputs as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
      const begin = (inputs[Symbol.asyncIterator] ?? inputs[Symbol.iterator]) as () => Source;
      this.#feed(this.#source = begin.call(inputs));
      for (;;) {
        const item = this.#next();
        if (item !== undefined) yield settled ? item : item.output;
        else if (this.#isDrained && this.#taken === this.#given) return;
        else await new Promise<void>((resolve) => this.#wakeReader = resolve);
      }
    } finally {
      signal?.removeEventListener("abort", abort);
      await this.#end();
    }
  }

  /** Takes the next item out; `undefined` if it has not ended yet. */
  #next(): Item & { readonly output?: unknown } | undefined {
    if (this.#failure !== null) throw this.#failure.error;
    const index = this.#options.ordered === false ? this.#ended.keys().next().value : this.#given;
    const item = this.#ended.get(index!);
    if (item === undefined) return undefined;
    this.#ended.delete(index!);
    this.#given++;
    this.#wakeFeeder();
    return item;
  }

  /** Takes inputs as long as there are any, and as it may. */
  async #feed(source: Source): Promise<void> {
    try {
      while (this.#failure === null && !this.#isDrained) {
        if (this.#mayTake()) await this.#take(source);
        else await new Promise<void>((resolve) => this.#wakeFeeder = resolve);
      }
    } catch (error) {
      this.#isDrained ||= this.#isAsked; // it was the source that threw
      this.#fail(error);
    }
    this.#wake();
  }

  async #take(source: Source): Promise<void> {
    this.#isAsked = true;
    const { done, value } = await source.next();
    this.#isAsked = false;
    if (done) this.#isDrained = true;
    else {
      const input = isThenable(value) ? await value : value;
      if (this.#failure === null) this.#offer(input, this.#taken++);
    }
  }

  #mayTake(): boolean {
    const { limit, isLearned } = this.#pace;
    if (this.#taken - this.#given >= limit * AHEAD) return false;
    if (!this.#pace.allows(this.#inFlight)) return false;
    return !isLearned || this.#inFlight === 0 || this.#router.load.waitingForRoom === 0;
  }

  #offer(input: unknown, index: number): void {
    const { hints } = this.#options;
    const given = typeof hints === "function" ? hints(input as never, index) : hints;
    checkHints(given);
    this.#inFlight++;
    this.#router.offer(
      this.#kind,
      input,
      { ...given, whenFull: "wait", signal: this.#stop.signal },
      {
        settled: (job) => this.#settled(job as Job, index),
        refused: (error) => this.#keep({ index, status: "refused", error }),
      },
    );
  }

  #settled(job: Job, index: number): void {
    const { runMs, batchSize, status, value } = job;
    this.#pace.ended(runMs / batchSize, this.#router.load.nowMs);
    const end = isOutcome(job) ? outcomeOf(job) : { status: status as "failed", error: value };
    this.#keep({ index, ...end });
  }

  #keep(item: Item): void {
    this.#inFlight--;
    const error = item.status === "completed"
      ? undefined
      : item.status === "dropped"
      ? new JobDroppedError(this.#kind, item.reason, item.retryAfterMs)
      : item.error;
    const isBad = item.status !== "completed" && !this.#options.settled;
    if (isBad || error instanceof RouterClosedError) this.#fail(error);
    else if (this.#failure === null) this.#ended.set(item.index, item);
    this.#wake();
  }

  /** Ends it: no input is taken any more, and what is in flight is aborted. */
  #fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = { error };
    this.#stop.abort(error);
    this.#wake();
  }

  #wake(): void {
    this.#wakeReader();
    this.#wakeFeeder();
  }

  /** Leaves nothing behind, and tells the source. */
  async #end(): Promise<void> {
    // A source that is asked for an input answers only then, if at all.
    const isHeard = this.#failure === null && !this.#isAsked;
    this.#fail(undefined);
    if (this.#isDrained) return;
    const told = Promise.resolve().then(() => this.#source?.return?.());
    if (isHeard) await told;
    else hearRejection(told);
  }
}
