import { Worker as NodeWorker } from "node:worker_threads";
import {
  createRouter,
  RouterClosedError,
  type RouterOptions,
  runtimeInfo,
  thresholdPolicy,
  type Transport,
} from "../../mod.ts";
import { assertNothingLeft } from "../fixtures/assert_counts.ts";
import type { Dice } from "./dice.ts";
import type { Findings } from "./findings.ts";
import jobs from "./jobs.ts";
import { type AnyRouter, Ledger } from "./ledger.ts";
import type { Plan } from "./plan.ts";

/** A job that has not ended by then never will. */
const HANG_MS = 20_000;
const MEMORY_LIMIT_MB = 64;

/** How a round is run. */
export interface RoundOptions {
  readonly dice: Dice;
  readonly plan: Plan;
  readonly findings: Findings;
  /** `undefined`: it is drawn. */
  readonly transport: Transport | undefined;
  /** Submits at most. */
  readonly jobs: number;
  /** Whether synchronous endless loops may cost threads. */
  readonly losesThreads: boolean;
  /** Whether the campaign is over. */
  readonly isOver: () => boolean;
}

/** The life of one router: from its start, through all that is submitted, to its end. */
export async function runRound(round: RoundOptions): Promise<void> {
  const { dice, plan, findings } = round;
  const { name } = runtimeInfo();
  const hasLimit = dice.chance(0.5) && name === "node";
  const isCrowded = dice.chance(0.25);
  const batchMaxSize = dice.between(2, 8);
  const drawn = dice.pick<Transport>(["auto", "auto", "messages"]);
  const options: RouterOptions<typeof jobs> = {
    jobs,
    policy: thresholdPolicy(), // jobs that harm their worker must run on one, however short they are
    cpuParallelism: dice.between(2, 3),
    minWorkers: dice.between(0, 2),
    batchMaxSize,
    batchMaxDelayMs: dice.pick([0, 2, 10]),
    cpuQueueCapacity: isCrowded ? dice.between(10, 40) : 512,
    idleTimeoutMs: dice.pick([20, 1_000]),
    maxLostWorkers: 1_000,
    transport: round.transport ?? drawn,
    quarantineAfter: dice.pick([3, Infinity, Infinity]),
    quarantineMs: dice.pick([20, 10_000]),
    maxJobsPerWorker: dice.pick([Infinity, Infinity, dice.between(5, 100)]),
    ...dice.chance(0.5) ? { abortGraceMs: dice.pick([0, 20]) } : {},
    ...hasLimit ? { worker: startLimited } : {},
  };
  const window = dice.between(8, 96);
  const closesHard = dice.chance(0.3);
  const endurance = { denoExit: name === "deno", hoards: hasLimit };

  const router: AnyRouter = await createRouter(options);
  const { losesThreads } = round;
  const ledger = new Ledger(router, findings, { isCrowded, losesThreads, isClosing: false });
  let isStuck = false;
  for (let i = 0; i < round.jobs && !round.isOver() && !isStuck; i++) {
    const submission = plan.next(endurance);
    ledger.submit(submission);
    while (ledger.pending >= window && !isStuck) isStuck = !await ledger.nextSettle(HANG_MS);
    if (submission.pauseMs !== undefined) await pause(submission.pauseMs);
  }
  if (closesHard || isStuck) {
    ledger.around = { ...ledger.around, isClosing: true };
  } else {
    while (ledger.pending > 0 && !isStuck) isStuck = !await ledger.nextSettle(HANG_MS);
  }
  if (isStuck) ledger.giveUp();
  await close(router, findings);
  await checkClosed(router, findings);
  if (ledger.pending > 0) await pause(0);
  ledger.giveUp();
  checkCounts(router, ledger, findings);
  const limit = ledger.late * batchMaxSize;
  if (ledger.collateral > limit) {
    const story = `${ledger.collateral} jobs lost their worker to others, possible are ${limit}`;
    findings.blame("wrong", story);
  }
  findings.closed(router.stats());
}

function startLimited(): NodeWorker {
  const extension = import.meta.url.slice(-2);
  const entry = new URL(`./entry.${extension}`, import.meta.url);
  return new NodeWorker(entry, { resourceLimits: { maxOldGenerationSizeMb: MEMORY_LIMIT_MB } });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What is still in flight is cancelled. */
async function close(router: AnyRouter, findings: Findings): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, HANG_MS, "late");
  });
  if (await Promise.race([router.close({ drainMs: 0 }), late]) === "late") {
    findings.blame("hung", `close(): ${JSON.stringify(router.stats().workers)}`);
  }
  clearTimeout(timer);
}

async function checkClosed(router: AnyRouter, findings: Findings): Promise<void> {
  const error = await router.submit("odd_inline", 1).then(() => undefined, (error) => error);
  if (error instanceof RouterClosedError) return;
  findings.blame("wrong", `a closed router took a job: ${error}`);
}

/** The router's counters and the callers must tell the same. */
function checkCounts(router: AnyRouter, ledger: Ledger, findings: Findings): void {
  const stats = router.stats();
  try {
    assertNothingLeft(stats);
  } catch (error) {
    findings.blame("lost", `counters: ${String(error).replace(/\s+/g, " ")}`);
  }
  const { ends } = ledger;
  const rejected = Object.values(stats.rejected).reduce((sum, count) => sum + count, 0);
  const told = {
    completed: stats.completed,
    failed: stats.failed,
    dropped: stats.dropped,
    timedOut: stats.timedOut,
    // Not the submit to the closed router.
    others: stats.cancelled + rejected - 1,
  };
  const seen = {
    completed: ends.completed,
    failed: ends.failed + ends.crashed + ends.other,
    dropped: ends.dropped,
    timedOut: ends.timedOut,
    others: ends.cancelled + ends.closed + ends.refused,
  };
  for (const end of Object.keys(seen) as (keyof typeof seen)[]) {
    if (told[end] === seen[end]) continue;
    const story = `${end}: the router tells of ${told[end]}, its callers saw ${seen[end]}`;
    findings.blame("lost", story, Math.abs(told[end] - seen[end]));
  }
  if (stats.doubleSettled > 0) findings.blame("doubled", "by counter", stats.doubleSettled);
}
