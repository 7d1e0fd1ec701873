import type { AnyKind, HelixRouter, KindDescription, Outcome } from "../../../mod.ts";
import { RefusedRequestError } from "../answers/refusal.ts";
import type { HttpHints } from "../api/jobs.ts";
import type { ClientSignal } from "../requests/client_signal.ts";
import { type GivenHints, placeOfHint } from "./hints.ts";

/** The part of a router that runs jobs. */
export type JobRouter = Pick<
  HelixRouter<Readonly<Record<string, AnyKind>>>,
  "kinds" | "submit" | "describe"
>;

/** A kind that is served. */
export interface ServedKind extends KindDescription {
  /** Its name. */
  readonly name: string;
}

/**
 * Submits a job for a client.
 *
 * @param router The router.
 * @param kind Its kind.
 * @param input Its input, not yet validated.
 * @param given Its hints.
 * @param signal Cancels it.
 * @param maxComputeCost Its maximum cost.
 * @returns Its outcome.
 * @throws {RefusedRequestError} If its cost is above the maximum (422); otherwise as `submit()`.
 */
export function runJob(
  router: JobRouter,
  kind: ServedKind,
  input: unknown,
  given: GivenHints,
  signal: ClientSignal,
  maxComputeCost: number,
): Promise<Outcome<unknown>> {
  const submit = (hints: HttpHints | undefined): Promise<Outcome<unknown>> => {
    const outcome = router.submit(
      kind.name,
      input,
      hints === undefined ? { signal } : { ...hints, signal },
    );
    signal.follow();
    return outcome;
  };
  const { all } = given;
  if (maxComputeCost === Infinity) return submit(all);
  const cost = all?.computeCost ?? kind.definition.cost;
  if (typeof cost !== "function") {
    return cost !== undefined && cost > maxComputeCost
      ? Promise.reject(tooCostly(given, maxComputeCost))
      : submit(all);
  }
  return costOf(kind, cost, input).then((computeCost) => {
    if (computeCost === undefined) return submit(all);
    if (computeCost > maxComputeCost) throw tooCostly(given, maxComputeCost);
    return submit({ ...all, computeCost });
  });
}

/** The cost that the kind computes; `undefined` if the router is going to refuse the job anyway. */
async function costOf(
  { schema }: ServedKind,
  cost: (input: unknown) => number,
  input: unknown,
): Promise<number | undefined> {
  try {
    if (schema === undefined) return knownCost(cost(input));
    let result = schema["~standard"].validate(input);
    if (result instanceof Promise) result = await result;
    return result.issues === undefined ? knownCost(cost(result.value)) : undefined;
  } catch {
    return undefined;
  }
}

/** A valid cost; the router itself refuses any other. */
function knownCost(cost: number): number | undefined {
  return typeof cost === "number" && cost >= 0 && cost < Infinity ? cost : undefined;
}

function tooCostly(given: GivenHints, maxComputeCost: number): RefusedRequestError {
  const path = placeOfHint("computeCost", given);
  const code = path[0] === "input" ? "invalid_input" : "invalid_hints";
  const wanted = `at most ${maxComputeCost}`;
  const message = `Cannot submit job as its compute cost must be ${wanted}`;
  const issues = [{ path, message: `Its compute cost must be ${wanted}` }];
  return new RefusedRequestError(422, code, message, { issues });
}
