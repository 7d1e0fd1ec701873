import * as z from "zod";
import {
  type OptionRow,
  optionTable,
  type RouterConfig,
  type TunableOption,
} from "../../../mod.ts";

/** What each limit is for, in the words of `RouterOptions`; a test keeps both the same. */
const MEANINGS: Readonly<Record<TunableOption, string>> = {
  cpuParallelism:
    "Calls the pool runs at a time, and workers at most; a `Semaphore` to share them among routers.",
  cpuQueueCapacity: "Jobs that may wait for the pool, gathering batches included.",
  spawnQueueCapacity: "Spawned jobs that may wait.",
  spawnConcurrency:
    "Spawned jobs that are unsettled at a time, and as many asynchronous inline ones; each such kind has a learned limit, too.",
  inlineSliceMs:
    "Time inline runs may take in one turn of the event loop, bursts of runs under 10 µs aside.",
  batchMaxSize: "Jobs in a batch at most.",
  batchMaxDelayMs: "Time the first job of a batch waits for others, at most a quarter of a budget.",
  abortGraceMs: "Time an aborted job may go on before its worker is ended.",
};

/** What a limit must be, in JSON terms: `null` stands for Infinity. */
function wantedOf({ wanted }: OptionRow): string {
  return wanted.replace("Infinity", "null");
}

/** The schema of a limit in a request. */
function limitOf(row: OptionRow): z.ZodType<number> {
  const { min, max, exclusive, integer, orInfinity } = row.range!;
  const error = `Must be ${wantedOf(row)}`;
  const number = integer ? z.int({ error }) : z.number({ error });
  const limit = (exclusive ? number.gt(min, { error }) : number.gte(min, { error }))
    .lte(max, { error });
  const description = MEANINGS[row.name as TunableOption].replace(
    /\.$/,
    orInfinity ? "; null: no limit." : ".",
  );
  return orInfinity
    ? limit.nullable().transform((value) => value ?? Infinity).describe(description)
    : limit.describe(description);
}

const tunable = Object.values(optionTable).filter((row) => row.isTunable);
const setting = z.union([z.string(), z.number(), z.boolean()], {
  error: "Must be a string, a number, true or false",
});
const settings = z.record(z.string(), setting, {
  error: "Must be an object of settings of the policy",
});
const names = [...tunable.map((row) => row.name), "policy"];

/** Schema of `PATCH /api/config`: the limits that can be changed, and settings of the policy. */
export const configChange: z.ZodType<Partial<RouterConfig>> = z.strictObject({
  ...Object.fromEntries(tunable.map((row) => [row.name, limitOf(row)])),
  policy: settings.describe("Settings of the policy; absent if it has none."),
}, {
  error: ({ code }) =>
    code === "unrecognized_keys"
      ? `Must be one of the options ${names.join(", ")}`
      : "Must be an object of options",
}).partial();
