import type { AnyKind } from "../../../src/define/jobs.ts";
import type { LineOwner } from "../../../src/transport/line.ts";
import { RingWorld } from "./ring_world.ts";

/** How a call ended. */
export interface Ended {
  readonly seq: number;
  readonly ok: boolean;
  readonly value: unknown;
  readonly runMs: number;
}

class Results implements LineOwner {
  readonly ended: Ended[] = [];
  drains = 0;
  drained(): void {
    this.drains++;
  }
  result(seq: number, ok: boolean, value: unknown, runMs: number): void {
    this.ended.push({ seq, ok, value, runMs });
  }
}

/** Gives back what it gets. */
export const echo: AnyKind = { run: (input) => input };

/** A ring with one test at both of its ends. */
export interface Lab {
  readonly world: RingWorld;
  readonly ended: readonly Ended[];
  /** What has been posted. */
  readonly posted: readonly unknown[];
  readonly post: (seq: number, kind: string, payload: unknown) => void;
  readonly rest: () => void;
  /** How often the line has said that nothing is on its way any more. */
  readonly drains: () => number;
}

/** Makes one. */
export function setUp(kinds: Readonly<Record<string, AnyKind>>, cores = 0): Lab {
  const results = new Results();
  const world = new RingWorld(kinds, results, cores);
  const posted: unknown[] = [];
  return {
    world,
    ended: results.ended,
    posted,
    post(seq, kind, payload) {
      posted.push(payload);
      world.as("router", () => world.line.post({ seq, kind, isBatch: false, payload }, []));
    },
    rest: () => world.rest(),
    drains: () => results.drains,
  };
}
