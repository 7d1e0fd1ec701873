import { type AnyKind, type Jobs, jobsVersion, PROTOCOL_VERSION } from "../src/jobs.ts";
import { isThenable } from "../src/lanes/run_here.ts";
import type { Movable } from "../src/movable.ts";
import { RunContext } from "../src/run_context.ts";
import { type Channel, openChannel } from "./channel.ts";
import type { InitMessage, ResultMessage, ToWorker } from "./protocol.ts";
import { encodeError, type WireError } from "./wire_error.ts";

/** Where the jobs come from, once the router has said `init`. */
export type JobSource = (init: InitMessage) => readonly unknown[] | Promise<readonly unknown[]>;

type Call = Extract<ToWorker, { type: "call" }>;

/** Serves the jobs of a source. */
export function serveFrom(source: JobSource): void {
  const channel = openChannel();
  const server = new JobServer(channel, source);
  channel.listen((message) => server.hear(message));
  channel.post({ type: "helix.hello" });
}

/** Runs the calls of one router. Nothing here may throw: some runtimes would end the process. */
class JobServer {
  readonly #channel: Channel;
  readonly #source: JobSource;
  readonly #kinds = new Map<string, AnyKind>();
  readonly #running = new Map<number, RunContext>();
  #abortFlag: Int32Array | undefined;

  constructor(channel: Channel, source: JobSource) {
    this.#channel = channel;
    this.#source = source;
  }

  hear(message: ToWorker): void {
    if (message.type === "call") this.#run(message);
    else if (message.type === "abort") this.#running.get(message.seq)?.abort(aborted());
    else if (message.type === "exit") this.#channel.close();
    else void this.#load(message);
  }

  async #load(init: InitMessage): Promise<void> {
    this.#abortFlag = init.abortFlag;
    try {
      for (const set of await this.#source(init)) this.#add(set);
    } catch (error) {
      this.#channel.post({ type: "helix.failed", error: encodeError(error) });
      return;
    }
    const kinds = [...this.#kinds.keys()];
    this.#channel.post({ type: "helix.ready", protocol: PROTOCOL_VERSION, kinds });
  }

  #add(set: unknown): void {
    const version = jobsVersion(set);
    if (version === undefined) {
      throw new TypeError('The default export of a job module must be what "defineJobs" gives');
    }
    if (version !== PROTOCOL_VERSION) {
      throw new TypeError(
        `Jobs were defined for protocol ${version} and this worker speaks ${PROTOCOL_VERSION}: use one version of helixrouter`,
      );
    }
    for (const [name, kind] of Object.entries((set as Jobs).kinds)) this.#kinds.set(name, kind);
  }

  #run(call: Call): void {
    const flag = this.#abortFlag;
    const context = new RunContext(() =>
      flag !== undefined && Atomics.load(flag, 0) === (call.seq | 0)
    );
    const startMs = performance.now();
    const kind = this.#kinds.get(call.kind);
    this.#running.set(call.seq, context);
    let value: unknown;
    try {
      if (kind === undefined) throw new TypeError(`Kind "${call.kind}" is not in the job module`);
      value = call.isBatch
        ? kind.runBatch!(call.payload as readonly unknown[], context)
        : kind.run(call.payload, context);
      if (isThenable(value)) {
        Promise.resolve(value).then(
          (later) => this.#succeed(call, kind, later, startMs),
          (error) => this.#fail(call, error, startMs),
        );
        return;
      }
    } catch (error) {
      this.#fail(call, error, startMs);
      return;
    }
    this.#succeed(call, kind, value, startMs);
  }

  #succeed(call: Call, kind: AnyKind, value: unknown, startMs: number): void {
    const runMs = performance.now() - startMs;
    this.#running.delete(call.seq);
    try {
      const { outputs, itemErrors } = call.isBatch ? splitItems(value) : { outputs: value };
      const result: ResultMessage = { type: "helix.result", seq: call.seq, runMs, value: outputs };
      this.#channel.post(
        itemErrors === undefined ? result : { ...result, itemErrors },
        transferOf(call, kind, outputs),
      );
    } catch (error) { // an output cannot be cloned: of a batch, only those that cannot must fail
      const before: readonly unknown[] = call.isBatch && Array.isArray(value) ? value : [];
      const items = before.map(cloneOrError);
      if (items.some((item, i) => item !== before[i])) this.#succeed(call, kind, items, startMs);
      else this.#fail(call, error, startMs);
    }
  }

  #fail(call: Call, error: unknown, startMs: number): void {
    const runMs = performance.now() - startMs;
    this.#running.delete(call.seq);
    this.#channel.post({ type: "helix.result", seq: call.seq, runMs, error: encodeError(error) });
  }
}

function aborted(): DOMException {
  return new DOMException("The job was aborted", "AbortError");
}

function cloneOrError(item: unknown): unknown {
  try {
    structuredClone(item);
    return item;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Takes the failed items out of a batch's outputs. */
function splitItems(
  value: unknown,
): { outputs: unknown; itemErrors?: (readonly [number, WireError])[] } {
  if (!Array.isArray(value) || !value.some((item) => item instanceof Error)) {
    return { outputs: value };
  }
  const itemErrors: (readonly [number, WireError])[] = [];
  const outputs = value.map((item, place) => {
    if (!(item instanceof Error)) return item;
    itemErrors.push([place, encodeError(item)]);
    return undefined;
  });
  return { outputs, itemErrors };
}

function transferOf(call: Call, kind: AnyKind, outputs: unknown): Movable[] {
  if (kind.transferOutput === undefined) return [];
  if (!call.isBatch) return kind.transferOutput(outputs);
  if (!Array.isArray(outputs)) return [];
  return outputs.flatMap((item) => item === undefined ? [] : kind.transferOutput!(item));
}
