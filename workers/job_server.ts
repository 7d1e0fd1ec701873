import { type AnyKind, type Jobs, jobsVersion, PROTOCOL_VERSION } from "../src/define/jobs.ts";
import { shown, TWO_VERSIONS } from "../src/errors.ts";
import { importBuiltins } from "../src/runtime/builtin.ts";
import { openChannel } from "../src/runtime/channel.ts";
import type { Channel } from "../src/transport/channel.ts";
import { Desk } from "../src/transport/desk.ts";
import { MessageMailbox } from "../src/transport/messages/message_mailbox.ts";
import type { InitMessage, ToWorker } from "../src/transport/protocol.ts";
import { openRingMailbox } from "../src/transport/ring/worker_end.ts";
import { Run } from "../src/transport/run.ts";
import { encodeError } from "../src/transport/encode_error.ts";

/** Where the jobs come from, once the router has sent `init`. */
export type JobSource = (init: InitMessage) => readonly unknown[] | Promise<readonly unknown[]>;

/** Serves the jobs of a source. */
export function serveFrom(source: JobSource): void {
  const imported = importBuiltins();
  if (imported === undefined) serve(source);
  else void imported.then(() => serve(source));
}

function serve(source: JobSource): void {
  const channel = openChannel();
  const server = new JobServer(channel, source);
  channel.listen((message) => server.hear(message), () => server.garbled());
  channel.post({ type: "helix.hello" });
}

/** Serves one router. Nothing here may throw: some runtimes would end the process. */
class JobServer {
  readonly #channel: Channel;
  readonly #source: JobSource;
  readonly #sets: Jobs[] = [];
  #desk: Desk | null = null;

  constructor(channel: Channel, source: JobSource) {
    this.#channel = channel;
    this.#source = source;
  }

  hear(message: ToWorker): void {
    if (message.type === "init") void this.#load(message);
    else if (message.type === "exit") void this.#exit();
    else this.#desk?.hear(message);
  }

  garbled(): void {
    this.#desk?.garbled();
  }

  async #load(init: InitMessage): Promise<void> {
    try {
      for (const set of await this.#source(init)) this.#sets.push(checked(set));
      for (const { setup } of this.#sets) await setup?.();
    } catch (error) {
      this.#channel.post({ type: "helix.failed", error: encodeError(error) });
      return;
    }
    const kinds = new Map<string, AnyKind>(this.#sets.flatMap((set) => Object.entries(set.kinds)));
    this.#desk = openDesk(init, kinds, this.#channel);
    this.#channel.post({
      type: "helix.ready",
      key: init.key,
      protocol: PROTOCOL_VERSION,
      kinds: [...kinds.keys()],
      hasTeardown: this.#sets.some((set) => set.teardown !== undefined),
    });
  }

  async #exit(): Promise<void> {
    for (const { teardown } of this.#sets) {
      try {
        await teardown?.();
      } catch {
        // The worker exits anyway, and nobody is left to report to.
      }
    }
    this.#channel.close();
  }
}

function openDesk(
  init: InitMessage,
  kinds: ReadonlyMap<string, AnyKind>,
  channel: Channel,
): Desk {
  const { ring } = init;
  const states = ring === undefined ? init.states : ring.states;
  const run = new Run(channel, states, init);
  const ofRing = init.kinds.map((name) => kinds.get(name));
  const mailbox = openRingMailbox(init, ofRing, channel, run) ??
    new MessageMailbox(kinds, channel, init);
  return new Desk(mailbox, states, channel, run);
}

/** The jobs that a file exports by default: compilers to CommonJS make `exports.default` of that. */
export function jobsOf(value: unknown): Jobs | undefined {
  const candidates = [value, (value as { default?: unknown } | null | undefined)?.default];
  return candidates.find((one) => jobsVersion(one) !== undefined) as Jobs | undefined;
}

function checked(set: unknown): Jobs {
  const jobs = jobsOf(set);
  if (jobs === undefined) {
    throw new TypeError(
      `Cannot serve jobs as they must be what "defineJobs" returns: received ${shown(set)}`,
    );
  }
  const version = jobsVersion(jobs);
  if (version !== PROTOCOL_VERSION) {
    throw new TypeError(
      `Jobs were defined for protocol ${version}, this worker uses ${PROTOCOL_VERSION}: ${TWO_VERSIONS}`,
    );
  }
  return jobs;
}
