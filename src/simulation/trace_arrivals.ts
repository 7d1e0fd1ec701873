import type { Arrival } from "./arrival.ts";
import type { DemoInput } from "./demo_input.ts";
import type { DemoKinds } from "./jobs.ts";
import type { TraceRequest } from "./trace.ts";
import { randomIntegers } from "./random.ts";
import { nominalServiceMs } from "./service_time.ts";
import { drawInput } from "./workload.ts";

const MOST_ROUNDS = 4_294_967_295;

/** Options of {@linkcode toArrivals}. */
export interface TraceArrivalsOptions {
  /** Seed of the inputs that the trace lacks. */
  readonly seed: number;
  /** Rounds of `hash_mix` per millisecond on this machine. */
  readonly roundsPerMs: number;
}

/**
 * Turns the requests of a trace into jobs: real work of the duration the trace asks for.
 *
 * @param requests Requests of the kinds of the simulation only.
 * @param options What the trace does not say.
 */
export function toArrivals(
  requests: readonly TraceRequest[],
  options: TraceArrivalsOptions,
): Arrival[] {
  return requests.map((request, i) => toArrival(request, i + 1, options));
}

function toArrival(
  request: TraceRequest,
  id: number,
  { seed, roundsPerMs }: TraceArrivalsOptions,
): Arrival {
  const { atMs, cost, scalingPotential, latencyBudgetMs, priority, key } = request;
  const kind = request.kind as keyof DemoKinds;
  const nominalMs = nominalServiceMs(kind, cost);
  const hints = withoutUndefined({ scalingPotential, latencyBudgetMs, priority, key });
  if (kind === "llm_request") {
    const rounds = Math.min(Math.round(nominalMs * roundsPerMs), MOST_ROUNDS);
    return { atMs, kind, input: rounds, hints: { computeCost: cost, ...hints }, nominalMs };
  }
  const given = request.input as DemoInput | undefined;
  const input = given ?? drawInput(randomIntegers(seed, id), id, cost);
  return { atMs, kind, input, hints, nominalMs };
}

function withoutUndefined<T extends object>(hints: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const given = Object.entries(hints).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]?: NonNullable<T[K]> };
}
