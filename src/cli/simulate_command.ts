import { basename } from "node:path";
import { runtimeInfo } from "../../mod.ts";
import { type StoryLine, tellStory } from "../simulation/live/story.ts";
import {
  demoJobs,
  simulate,
  type SimulationStart,
  toHeaderLine,
  toRecordLine,
  toTraceWorkload,
  type TraceWorkload,
} from "../simulation/mod.ts";
import {
  type Arguments,
  type CommandSyntax,
  readArguments,
  readInteger,
  readPositive,
} from "./arguments.ts";
import { DONE, UsageError } from "./exit_code.ts";
import { compareCommand } from "./compare/compare_command.ts";
import { asksLaboratory, LAB_HELP, LAB_SYNTAX, readLabPlan } from "./compare/lab_options.ts";
import { watchInterrupts } from "./interrupt.ts";
import { createLog, readLogLevel } from "./log.ts";
import { stderr, stdout } from "./output.ts";
import { startProgressBar } from "./progress_bar.ts";
import { createRecordFile } from "./record_file.ts";
import { toReportText } from "./report_text.ts";
import { readRouterOptions, ROUTER_HELP, ROUTER_SYNTAX } from "./router_options.ts";
import { STORY_INTRODUCTION, toStoryText } from "./story_text.ts";
import { styleOf } from "./style.ts";
import { showCount, showDuration } from "./table.ts";
import { readTraceFile } from "./trace_file.ts";
import { VERSION } from "./version.ts";

const SYNTAX: CommandSyntax = {
  command: "simulate",
  options: {
    jobs: "string",
    seed: "string",
    ...ROUTER_SYNTAX,
    trace: "string",
    speed: "string",
    "skip-bad-rows": "boolean",
    record: "string",
    json: "boolean",
    ...LAB_SYNTAX,
  },
};

/** What `simulate --help` prints. */
export const SIMULATE_HELP: string = `Usage: helixrouter simulate [options]

Runs a load through a router and reports the results: the synthetic workload,
submitted all at once, or with --trace a trace, replayed at its arrival times.

  --jobs N         jobs of the synthetic workload (200)
  --seed N         seed of the workload (7)
${ROUTER_HELP}
  --trace FILE     replay a trace: Azure LLM inference 2023, a CSV with the header
                   at_ms,kind,cost,scaling,budget_ms, or a file of --record
  --speed X        factor by which the trace is sped up (10; 1 in virtual time)
  --skip-bad-rows  skip rows of the trace that cannot be read
  --record FILE    write what was asked, decided and came of it as JSON lines
  --json           print the report as one JSON object
  -h, --help       print this help
${LAB_HELP}

HELIX_LOG=debug|info|warn|off sets the log level on standard error (info); debug logs
each decision as a line of JSON. Ctrl+C stops, and reports what was done so far.
`;

interface Plan {
  readonly tracePath: string | undefined;
  readonly speed: number;
  readonly seed: number;
}

/**
 * Runs `helixrouter simulate`.
 *
 * @param args Arguments after the command.
 * @returns The exit code.
 * @throws {UsageError} If the arguments are invalid.
 */
export async function simulateCommand(args: readonly string[]): Promise<number> {
  const given = readArguments(args, SYNTAX);
  if (given.values.has("help")) {
    stdout.write(SIMULATE_HELP);
    return DONE;
  }
  if (asksLaboratory(given)) {
    checkLaboratory(given);
    const plan = readLabPlan(given, readVirtualTrace(given));
    return await compareCommand(plan, given.values.has("json"));
  }
  const log = createLog(readLogLevel());
  const jobs = readInteger(given, "jobs", { min: 1, max: 1_000_000 });
  const seed = readInteger(given, "seed", { min: 0, max: 4_294_967_295 }) ?? 7;
  const speed = readPositive(given, "speed", { max: 1_000_000 }) ?? 10;
  const router = readRouterOptions(given);
  checkTogether(given);
  const skipBadRows = given.values.has("skip-bad-rows");
  const tracePath = given.values.get("trace");
  const trace = tracePath === undefined
    ? undefined
    : readTraceFile(tracePath, { skipBadRows, log });
  const recordPath = given.values.get("record");
  const recording = recordPath === undefined ? undefined : createRecordFile(recordPath, log.warn);

  const isJson = given.values.has("json");
  const say = isJson ? log.info : (line: string) => void stdout.write(line + "\n");
  // Whoever asks for something knows what it is about.
  const isPlain = [...given.values.keys()].every((name) => name === "json" || name === "seed");
  const story = isPlain ? await tell(seed, isJson) : undefined;
  const interrupt = watchInterrupts();
  let endProgress = (): void => {};
  const report = await simulate({
    ...(jobs === undefined ? {} : { jobs }),
    ...(trace === undefined ? {} : { trace }),
    seed,
    speed,
    router,
    signal: interrupt.signal,
    ...(recording === undefined
      ? {}
      : { onRecord: (record) => recording.add(toRecordLine(record)) }),
    ...(log.level === "debug" ? { onDecision: log.decision } : {}),
    onStart(start) {
      const { policy, workers } = start;
      recording?.add(toHeaderLine({ policy, workers, kinds: Object.keys(demoJobs.kinds) }));
      for (const line of introduce(start, { tracePath, speed, seed })) say(line);
      // Log lines would break it up.
      if (log.level === "debug") return;
      const { jobs: total, settled: done, spanMs } = start;
      endProgress = startProgressBar(stderr, { total, done, spanMs });
    },
  }).finally(() => endProgress());
  if (interrupt.exitCode !== undefined) say("Interrupted: these are the results so far.");
  const text = isJson
    ? JSON.stringify(story === undefined ? report : { ...report, compare: story }) + "\n"
    : "\n" + toReportText(report, styleOf(stdout));
  stdout.write(text);
  recording?.close();
  return interrupt.exitCode ?? DONE;
}

/** Tells what a router is good for, before it is shown at work. */
async function tell(seed: number, isJson: boolean): Promise<readonly StoryLine[]> {
  if (!isJson) stdout.write(`${STORY_INTRODUCTION}\n\n`);
  const story = await tellStory(seed);
  if (!isJson) stdout.write(`${toStoryText(story, styleOf(stdout))}\n`);
  return story;
}

function readVirtualTrace(given: Arguments): TraceWorkload | undefined {
  const path = given.values.get("trace");
  if (path === undefined) return undefined;
  const skipBadRows = given.values.has("skip-bad-rows");
  const requests = readTraceFile(path, {
    skipBadRows,
    anyKind: true, // only their times matter
    log: createLog(readLogLevel()),
  });
  const speed = readPositive(given, "speed", { max: 1_000_000 }) ?? 1;
  try {
    return toTraceWorkload(requests, speed, basename(path));
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}

function checkLaboratory(given: Arguments): void {
  const { values } = given;
  checkTogether(given);
  for (const name of ["workload", "load", "rate", "cost-says", "duration"]) {
    if (values.has("trace") && values.has(name)) {
      throw new UsageError(`--${name} cannot be used with --trace`);
    }
  }
  for (const name of ["jobs", "record", "queue"]) {
    if (values.has(name)) {
      throw new UsageError(
        `--${name} cannot be used with --virtual, --compare or --workload, which run in virtual time`,
      );
    }
  }
}

function checkTogether({ values }: Arguments): void {
  if (values.has("trace")) {
    if (values.has("jobs")) throw new UsageError("--jobs cannot be used with --trace");
    return;
  }
  for (const name of ["speed", "skip-bad-rows"]) {
    if (values.has(name)) throw new UsageError(`--${name} can only be used with --trace`);
  }
}

/** Describes what is about to run. */
function introduce(start: SimulationStart, { tracePath, speed, seed }: Plan): string[] {
  const { name, version } = runtimeInfo();
  const { policy, workers, warmMs, roundsPerMs, jobs, spanMs } = start;
  const pool = `${showCount(workers, "worker")} ready in ${showDuration(warmMs)}`;
  const lines = [`HelixRouter ${VERSION} on ${name} ${version}: ${policy} policy, ${pool}`];
  lines.push(
    tracePath === undefined
      ? `${showCount(jobs, "job")}, seed ${seed}, all submitted at once`
      : `${showCount(jobs, "request")} of ${basename(tracePath)} over ${
        showDuration(spanMs * speed)
      }, replayed ${speed} times as fast: ${showDuration(spanMs)}`,
  );
  if (roundsPerMs !== undefined) {
    lines.push(`Calibrated: 1 ms of work is ${showCount(Math.round(roundsPerMs))} rounds`);
  }
  return lines;
}
