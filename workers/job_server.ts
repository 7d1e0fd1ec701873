import { type AnyKind, type Jobs, jobsVersion, PROTOCOL_VERSION } from "../src/define/jobs.ts";
import { shown, TWO_VERSIONS } from "../src/errors.ts";
import { importBuiltins } from "../src/runtime/builtin.ts";
import { openChannel } from "../src/runtime/channel.ts";
import type { Channel } from "../src/transport/channel.ts";
import { Desk } from "../src/transport/desk.ts";
import { MessageMailbox } from "../src/transport/messages/message_mailbox.ts";
import type { InitMessage } from "../src/transport/protocol.ts";
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

/** Serves one router. Nothing here may throw: some runtimes would end the process. */
function serve(source: JobSource): void {
  const channel = openChannel();
  const sets: Jobs[] = [];
  let desk: Desk | undefined;
  channel.listen((message) => {
    if (message.type === "init") void load(message);
    else if (message.type === "exit") void exit();
    else desk?.hear(message);
  }, () => desk?.garbled());
  channel.post({ type: "helix.hello" });

  async function load(init: InitMessage): Promise<void> {
    try {
      for (const set of await source(init)) sets.push(checked(set));
      for (const { setup } of sets) await setup?.();
    } catch (error) {
      channel.post({ type: "helix.failed", error: encodeError(error) });
      return;
    }
    const kinds = new Map<string, AnyKind>(sets.flatMap((set) => Object.entries(set.kinds)));
    desk = openDesk(init, kinds, channel);
    channel.post({
      type: "helix.ready",
      key: init.key,
      protocol: PROTOCOL_VERSION,
      kinds: [...kinds.keys()],
      hasTeardown: sets.some((set) => set.teardown !== undefined),
    });
  }

  async function exit(): Promise<void> {
    for (const { teardown } of sets) {
      try {
        await teardown?.();
      } catch {
        // The worker exits anyway, and nobody is left to report to.
      }
    }
    channel.close();
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
