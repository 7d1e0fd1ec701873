import type { Side } from "./ring_world.ts";

/** A step of a plan; `pick` chooses among what there is. */
export interface Step {
  readonly do: (typeof ACTIONS)[Side][number];
  readonly pick: number;
}

export const ACTIONS = {
  router: [
    "post",
    "postMany",
    "submit",
    "postUnsendable",
    "flush",
    "look",
    "poll",
    "hearRouter",
    "garbleRouter",
    "revoke",
    "abort",
    "chain",
    "timer",
  ],
  worker: ["hearWorker", "garbleWorker", "turn", "succeed", "fail", "pass"],
} as const;
