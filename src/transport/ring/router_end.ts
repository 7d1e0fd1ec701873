import type { Line, LineOwner } from "../line.ts";
import type { Movable } from "../../movable.ts";
import type { ToWorker } from "../protocol.ts";
import type { RingOptions } from "./lookout.ts";
import { RingLine } from "./ring_line.ts";
import { createRingMemory, type RingMemory } from "./ring_memory.ts";

// What the router needs of the ring. A bundle for browsers has `router_end.browser.ts` in its place.

export { canShareText } from "./text_ring.ts";

/**
 * Memory to share with a worker, and the line that uses it; neither where there is no count of workers that are
 * awake.
 */
export function openRing(
  awake: Int32Array | undefined,
  kinds: readonly string[],
  options: RingOptions,
  owner: LineOwner,
  send: (message: ToWorker, transfer?: Movable[]) => void,
): { readonly ring?: RingMemory; readonly line?: Line } {
  if (awake === undefined) return {};
  const ring = createRingMemory(awake);
  return { ring, line: new RingLine(ring, kinds, options, owner, send) };
}
