import type {
  AnyKind,
  HelixRouter,
  KindDescription,
  Outcome,
  SubmitOptions,
} from "../../../mod.ts";
import { placeOfHint } from "../answers/failure.ts";
import { RefusedRequestError } from "../answers/refusal.ts";
import type { ClientSignal } from "../requests/client_signal.ts";

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
 * @param options What it is submitted with; its cost only if the program itself gave it.
 * @param signal Cancels it.
 * @param maxComputeCost Its maximum cost.
 * @returns Its outcome.
 * @throws {RefusedRequestError} If its cost is above the maximum (422); otherwise as `submit()`.
 */
export function runJob(
  router: JobRouter,
  kind: ServedKind,
  input: unknown,
  options: SubmitOptions | undefined,
  signal: ClientSignal,
  maxComputeCost: number,
): Promise<Outcome<unknown>> {
  const submit = (given: SubmitOptions | undefined): Promise<Outcome<unknown>> => {
    const outcome = router.submit(
      kind.name,
      input,
      given === undefined ? { signal } : { ...given, signal },
    );
    signal.follow();
    return outcome;
  };
  if (maxComputeCost === Infinity) return submit(options);
  const cost = options?.computeCost ?? kind.definition.cost;
  if (typeof cost !== "function") {
    return cost !== undefined && cost > maxComputeCost
      ? Promise.reject(tooCostly(options, maxComputeCost))
      : submit(options);
  }
  return costOf(kind, cost, input).then((computeCost) => {
    if (computeCost === undefined) return submit(options);
    if (computeCost > maxComputeCost) throw tooCostly(options, maxComputeCost);
    return submit({ ...options, computeCost });
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

function tooCostly(
  options: SubmitOptions | undefined,
  maxComputeCost: number,
): RefusedRequestError {
  const { path, code } = placeOfHint("computeCost", options);
  const wanted = `at most ${maxComputeCost}`;
  const message = `Cannot submit job as its compute cost must be ${wanted}`;
  const issues = [{ path, message: `Its compute cost must be ${wanted}` }];
  return new RefusedRequestError(422, code, message, { issues });
}
