import type { KernelOptions } from "../../testing/mod.ts";

/** What the router and its transport cost in virtual time, in ms of a core, unless it says otherwise. */
export interface RouterCosts {
  /** A job that comes, by a message to the event loop, and its submit. */
  readonly submitMs: number;
  /** A turn of the event loop. */
  readonly turnMs: number;
  /** A run on the event loop's thread that waits for I/O: its promise and its callbacks. */
  readonly asyncMs: number;
  /** Sending a call to a worker. */
  readonly dispatchMs: number;
  /** Reading a result. */
  readonly resultMs: number;
  /** Time, not on a core, until a thread that sleeps hears of a message. */
  readonly wakeMs: number;
  /** The start of a worker. */
  readonly startMs: number;
}

/** As measured on Node 20 (see docs/laboratory.md). */
export const USUAL_COSTS: RouterCosts = {
  submitMs: 0.01,
  turnMs: 0.003,
  asyncMs: 0.03,
  dispatchMs: 0.005,
  resultMs: 0.005,
  wakeMs: 0.1,
  startMs: 40,
};

/** How the kernel of that machine shared its cores. */
export const USUAL_KERNEL: Omit<KernelOptions, "cores"> = { sliceMs: 7, heldShare: 0.1 };
