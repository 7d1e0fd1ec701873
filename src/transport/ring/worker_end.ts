import type { AnyKind } from "../../define/jobs.ts";
import type { Channel } from "../channel.ts";
import type { Mailbox } from "../mailbox.ts";
import type { InitMessage } from "../protocol.ts";
import type { Run } from "../run.ts";
import { RingMailbox } from "./ring_mailbox.ts";

/**
 * The mailbox of a worker that shares memory with its router, if it does. A bundle for browsers has
 * `worker_end.browser.ts` in its place.
 */
export function openRingMailbox(
  init: InitMessage,
  kinds: readonly (AnyKind | undefined)[],
  channel: Channel,
  run: Run,
): Mailbox | undefined {
  return init.ring && new RingMailbox(init.ring, kinds, channel, run, init);
}
