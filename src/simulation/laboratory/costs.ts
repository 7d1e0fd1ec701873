/** What the router and its transport cost in virtual time, in ms of a core, unless it says otherwise. */
export interface RouterCosts {
  /** A submit, its decision included. */
  readonly submitMs: number;
  /** A turn of the event loop. */
  readonly turnMs: number;
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
  submitMs: 0.001,
  turnMs: 0.002,
  dispatchMs: 0.001,
  resultMs: 0.001,
  wakeMs: 0.04,
  startMs: 40,
};
