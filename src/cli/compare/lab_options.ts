import { readFileSync } from "node:fs";
import {
  CONTESTANTS,
  COST_WORDS,
  type CostWord,
  InvalidWorkloadError,
  type LabJob,
  readWorkload,
  type TraceWorkload,
  WORKLOADS,
  type WorkloadSpec,
} from "../../simulation/mod.ts";
import { type Arguments, type OptionType, readInteger, readPositive } from "../arguments.ts";
import { UsageError } from "../exit_code.ts";
import { readLoads } from "./loads.ts";
import { isPolicyFile } from "./policy_file.ts";

/** Options of the laboratory. */
export const LAB_SYNTAX: Readonly<Record<string, OptionType>> = {
  virtual: "boolean",
  workload: "string",
  "cost-says": "string",
  load: "string",
  rate: "string",
  cores: "string",
  duration: "string",
  repeat: "string",
  compare: "string",
  plot: "string",
};

/** The `--help` text of these options. */
export const LAB_HELP: string = `\

In virtual time, on modelled workers, cores and event loop:

  --virtual        run a workload there; each of the following asks for that, too
  --workload NAME  a workload of the laboratory, or a JSON file (mix):
                   ${listed(WORKLOADS.map(({ name }) => name))}
  --cost-says W    what the costs say (right):
                   ${listed(Object.keys(COST_WORDS))}
  --load X         work that arrives, as a share of what the cores can do, such
                   as 0.5 or 50% (0.7); from..to tries several
  --rate R         jobs a second, instead of the load
  --cores N        cores, which workers and event loop share (2)
  --duration S     virtual seconds (10)
  --repeat N       runs, each with the next seed (1)
  --compare A,B,…  compare on the same jobs, in virtual time:
                   ${listed(Object.keys(CONTESTANTS))}
  --policy FILE    a policy of your own beside them: a module whose default export
                   is a policy, or a function that gives one
  --plot FILE.svg  draw the share in budget over the loads; with one load, all
                   workloads × words beside the oracle`;

/** What is asked of the laboratory. */
export interface LabPlan {
  readonly workload: WorkloadSpec;
  readonly costSays: CostWord;
  /** Jobs of a trace. */
  readonly jobs: readonly LabJob[] | undefined;
  readonly loads: readonly number[];
  readonly workers: number;
  readonly cores: number;
  readonly durationMs: number;
  readonly seed: number;
  readonly repeat: number;
  /** Names of the contestants. */
  readonly contestants: readonly string[];
  /** File of a policy that takes part, too. */
  readonly policyPath: string | undefined;
  /** File for a picture. */
  readonly plotPath: string | undefined;
}

/** Whether the laboratory is asked for. */
export function asksLaboratory({ values }: Arguments): boolean {
  return Object.keys(LAB_SYNTAX).some((name) => values.has(name)) ||
    isPolicyFile(values.get("policy"));
}

/** Reads the options of the laboratory. @throws {UsageError} If one is invalid. */
export function readLabPlan(given: Arguments, trace: TraceWorkload | undefined): LabPlan {
  const { values } = given;
  const cores = readInteger(given, "cores", { min: 1, max: 100_000 }) ?? 2;
  const workload = trace?.workload ?? workloadOf(values.get("workload") ?? "mix");
  return {
    workload,
    jobs: trace?.jobs,
    costSays: wordOf(values.get("cost-says") ?? "right"),
    loads: trace === undefined ? readLoads(given, workload, cores) : [loadOfTrace(trace, cores)],
    workers: readInteger(given, "workers", { min: 1, max: 10_000 }) ?? 2,
    cores,
    durationMs: trace?.durationMs ??
      1_000 * (readPositive(given, "duration", { max: 100_000 }) ?? 10),
    seed: readInteger(given, "seed", { min: 0, max: 4_294_967_295 - 10_000 }) ?? 7,
    repeat: readInteger(given, "repeat", { min: 1, max: 1_000 }) ?? 1,
    contestants: contestantsOf(values.get("compare") ?? "threshold"),
    policyPath: policyPathOf(values.get("policy")),
    plotPath: values.get("plot"),
  };
}

function workloadOf(name: string): WorkloadSpec {
  const shipped = WORKLOADS.find((workload) => workload.name === name);
  if (shipped !== undefined) return shipped;
  if (!name.endsWith(".json")) {
    const known = WORKLOADS.map((workload) => workload.name).join(", ");
    throw new UsageError(
      `--workload must be a .json file or one of ${known}: received ${JSON.stringify(name)}`,
    );
  }
  try {
    return readWorkload(JSON.parse(readFileSync(name, "utf8")));
  } catch (error) {
    const why = error instanceof InvalidWorkloadError ? error.message : `Cannot read it: ${error}`;
    throw new UsageError(`--workload ${name}: ${why}`);
  }
}

function wordOf(word: string): CostWord {
  if (Object.hasOwn(COST_WORDS, word)) return word as CostWord;
  const known = Object.keys(COST_WORDS).join(", ");
  throw new UsageError(`--cost-says must be one of ${known}: received ${JSON.stringify(word)}`);
}

function contestantsOf(list: string): readonly string[] {
  const names = [...new Set(list.split(",").map((name) => name.trim()).filter(Boolean))];
  for (const name of names) {
    if (Object.hasOwn(CONTESTANTS, name)) continue;
    const known = Object.keys(CONTESTANTS).join(", ");
    throw new UsageError(`--compare takes ${known}: received ${JSON.stringify(name)}`);
  }
  if (names.length === 0) throw new UsageError("--compare needs a name");
  return names;
}

function policyPathOf(value: string | undefined): string | undefined {
  if (value === undefined || isPolicyFile(value)) return value;
  throw new UsageError(
    `--policy must be a file in virtual time, such as ./mine.js, and contestants that come along are named \
by --compare: received ${JSON.stringify(value)}`,
  );
}

function loadOfTrace({ jobs, durationMs }: TraceWorkload, cores: number): number {
  return jobs.reduce((sum, { beforeMs }) => sum + beforeMs, 0) / (cores * durationMs);
}

/** Names in lines that fit the help. */
function listed(names: readonly string[]): string {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length + 2 <= 60) {
      lines[lines.length - 1] = `${last}, ${name}`;
    } else lines.push(name);
  }
  return lines.join(`,\n${" ".repeat(19)}`);
}
