import type { Movable } from "../movable.ts";
import { DEPTH } from "./call_states.ts";
import type { Line, LineOwner } from "./line.ts";
import { MessageLine } from "./messages/message_line.ts";
import type { InitMessage, ToWorker } from "./protocol.ts";
import { openRing } from "./ring/router_end.ts";
import type { ThreadPortOptions } from "./thread_port.ts";

/** What a line shares with the worker. */
export type LineMemory = Pick<InitMessage, "ring" | "states">;

/** Opens the line to one worker: by shared memory, or by message. */
export function openLine(
  options: ThreadPortOptions,
  owner: LineOwner,
  send: (message: ToWorker, transfer?: Movable[]) => void,
): { readonly line: Line } & LineMemory {
  const { awake, canShare, kinds } = options;
  const { ring, line } = openRing(awake, kinds, options, owner, send);
  const states = ring === undefined && canShare
    ? new Int32Array(new SharedArrayBuffer(DEPTH * Int32Array.BYTES_PER_ELEMENT))
    : undefined;
  return { line: line ?? new MessageLine(states, options, owner, send), ring, states };
}
