/**
 * A policy that is tried out beside the live one, before it decides anything. It has an entry point of
 * its own, as a program needs it only for so long.
 *
 * ```ts
 * import { thresholdPolicy } from "helixrouter";
 * import { shadowPolicy } from "helixrouter/shadow";
 * import assert from "node:assert/strict";
 *
 * const candidate = thresholdPolicy({ inlineThreshold: 20_000 });
 * assert.equal(shadowPolicy(thresholdPolicy(), candidate).name, "threshold");
 * ```
 *
 * @module
 */

import { STRATEGIES, type Strategy } from "../outcome.ts";
import { hearRejection, isThenable } from "../thenable.ts";
import type { Load } from "./load.ts";
import type { AnyPolicy, Decision, JobFacts, PolicyEvent, PolicySettings } from "./policy.ts";

/** Jobs of one kind that a candidate would have routed differently. */
export interface ShadowDifference {
  /** Name of the kind. */
  readonly kind: string;
  /** What the live policy chose. */
  readonly live: Strategy;
  /** What the candidate would have chosen. */
  readonly candidate: Strategy;
  /** Number of such jobs. */
  readonly jobs: number;
}

/** What a candidate would have done: `shadow` of `router.stats()`. */
export interface ShadowStats {
  /** Name of the candidate. */
  readonly candidate: string;
  /** Jobs that it was asked about and has answered. */
  readonly jobs: number;
  /** Times it threw, gave a promise, or did not choose a known strategy. */
  readonly faults: number;
  /** Where it differs, by kind and pair of strategies: at most 20 for each kind. */
  readonly differences: readonly ShadowDifference[];
}

/**
 * Tries out a policy without risk: `live` decides, `candidate` is asked as well, on the same job and
 * the same load, and where it chooses another strategy is counted, in `router.stats().shadow` and on
 * the dashboard. What the candidate throws, or answers but a decision, is counted there and changes
 * nothing; but it takes its time, on the way of each job.
 *
 * The result has the name, the settings and the saved state of `live`, so it can be put in and taken
 * out. Both have a state of their own and observe all jobs: what the candidate learns is how they went
 * under `live`. It is asked to `decide` only.
 *
 * @example Usage
 * ```ts
 * import { createRouter, thresholdPolicy } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import { shadowPolicy } from "helixrouter/shadow";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({ greet: { cost: 9_000, run: (name: string) => `Hello ${name}` } });
 * const candidate = thresholdPolicy({ inlineThreshold: 10_000 });
 * const router = await createRouter({ jobs, policy: shadowPolicy(thresholdPolicy(), candidate) });
 * await router.run("greet", "world");
 * assert.deepEqual(router.stats().shadow?.differences, [
 *   { kind: "greet", live: "spawn", candidate: "inline", jobs: 1 },
 * ]);
 * await router.close();
 * ```
 *
 * @param live The policy that decides.
 * @param candidate The policy that is only asked.
 * @returns The policy for `createRouter()`.
 */
export function shadowPolicy(live: AnyPolicy, candidate: AnyPolicy): AnyPolicy {
  // A promise is no state: the router refuses it if it is not wrapped.
  const begin = (state: unknown) => isThenable(state) ? state : start(state, candidate);

  function configure(state: ShadowState, change: PolicySettings): unknown {
    const changed: unknown = live.configure!(state.live, change);
    return isThenable(changed) ? changed : { ...state, live: changed };
  }
  // A router does without what a policy lacks: so this one must lack it, too. It has no `isAlwaysInline`, as the
  // candidate is to be asked about every job.
  return {
    name: live.name,
    objective: live.objective,
    startsWorker: live.startsWorker,
    init: () => begin(live.init?.()),
    load: live.load && ((saved) => begin(live.load!(saved))),
    save: live.save && ((state: ShadowState) => live.save!(state.live)),
    settings: live.settings && ((state: ShadowState) => live.settings!(state.live)),
    configure: live.configure && configure,
    admit: live.admit && ((job, load, state: ShadowState) => live.admit!(job, load, state.live)),
    order: live.order && ((job, load, state: ShadowState) => live.order!(job, load, state.live)),
    evict: live.evict && ((job, load, state: ShadowState) => live.evict!(job, load, state.live)),
    decide(job, load, state: ShadowState) {
      const decision = live.decide(job, load, state.live);
      state.ask(job, load, decision);
      return decision;
    },
    reconsider: live.reconsider &&
      ((job, load, state: ShadowState) => live.reconsider!(job, load, state.live)),
    explain: live.explain &&
      ((job, load, state: ShadowState) => live.explain!(job, load, state.live)),
    observe(state: ShadowState, event) {
      state.hear(event);
      return live.observe?.(state.live, event);
    },
    shadow: (state: ShadowState) => state.stats(),
  } as AnyPolicy;
}

/** State for one router; what is counted outlives a change of settings. */
interface ShadowState {
  /** That of the live policy. */
  readonly live: unknown;
  ask(job: JobFacts, load: Load, decision: Decision): void;
  hear(event: PolicyEvent): void;
  stats(): ShadowStats;
}

function start(live: unknown, candidate: AnyPolicy): ShadowState {
  let own: unknown;
  // The job it was asked about last. Counted with the first event of the job: `explain()` has none.
  let id = 0;
  let routed: Strategy;
  let chosen: Strategy | undefined; // none for a fault
  let jobs = 0;
  let faults = 0;
  const differences = new Map<string, Counted>();
  const failed = (): void => void faults++;

  function count(kind: string): void {
    id = 0;
    if (chosen === undefined) return failed();
    jobs++;
    if (chosen === routed) return;
    const key = kind + routed + chosen;
    const counted = differences.get(key) ?? { kind, live: routed, candidate: chosen, jobs: 0 };
    counted.jobs++;
    differences.set(key, counted);
  }
  try {
    own = candidate.init?.();
    hearRejection(own, failed);
  } catch {
    failed();
  }
  return {
    live,
    ask(job, load, decision) {
      ({ id } = job);
      chosen = undefined;
      try {
        const answer = candidate.decide(job, load, own);
        const { strategy } = answer;
        hearRejection(answer);
        routed = decision.strategy;
        if (STRATEGIES.includes(strategy)) chosen = strategy;
      } catch {
        // It is counted as a fault.
      }
    },
    hear(event) {
      if (event.job.id === id) count(event.job.kind.name);
      try {
        hearRejection(candidate.observe?.(own, event), failed);
      } catch {
        failed();
      }
    },
    stats: () => ({
      candidate: candidate.name,
      jobs,
      faults,
      differences: [...differences.values()].map((counted) => ({ ...counted })),
    }),
  };
}

type Counted = { -readonly [K in keyof ShadowDifference]: ShadowDifference[K] };
