import process from "node:process";
import { runtimeInfo, type Transport } from "../../mod.ts";
import { Dice } from "./dice.ts";
import { ROUTER_THREAD } from "./faulty_kinds.ts";
import { Findings } from "./findings.ts";
import { type MemorySample, sampleMemory } from "./memory.ts";
import { Plan } from "./plan.ts";
import { runRound } from "./round.ts";

/** Submits of the first round, after which the memory is what it should come back to. */
const WARM_UP_JOBS = 300;
/** Endless loops where each costs a thread, and a core, for good. */
const COSTLY_LOOPS = 2;

/** What a campaign is to be. */
export interface CampaignOptions {
  readonly seed: number;
  readonly seconds: number;
  /** Runs endless loops even where they cannot be stopped. */
  readonly runaways: boolean;
  /** How calls travel to workers; `undefined`: each round draws it. */
  readonly transport: Transport | undefined;
  /** Told after each round. */
  readonly onRound?: (findings: Findings) => void;
}

/** What came of it. */
export interface CampaignResult {
  readonly findings: Findings;
  readonly before: MemorySample;
  readonly after: MemorySample;
  readonly seconds: number;
  /** Faults that were left out, and why. */
  readonly skipped: readonly string[];
}

/** Runs rounds until the time is over. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { seed, runaways, transport, onRound } = options;
  const startMs = performance.now();
  const findings = new Findings();
  const dice = new Dice(seed);
  const stopsLoops = runtimeInfo().name !== "deno";
  const plan = new Plan(dice, stopsLoops ? Infinity : runaways ? COSTLY_LOOPS : 0);
  const elapsed = (): number => (performance.now() - startMs) / 1_000;
  const isOver = (): boolean => elapsed() >= options.seconds;
  const round = { dice, plan, findings, transport, losesThreads: !stopsLoops, isOver };
  const stray = (error: unknown): void =>
    findings.blame("wrong", `not caught on the router's thread: ${error}`);
  process.on("uncaughtException", stray);
  process.on("unhandledRejection", stray);
  Object.assign(globalThis, { [ROUTER_THREAD]: true });

  try {
    await runRound({ ...round, jobs: WARM_UP_JOBS });
    const before = await sampleMemory();
    while (!isOver()) {
      await runRound({ ...round, jobs: dice.between(500, 2_000) });
      onRound?.(findings);
    }
    const after = await sampleMemory();
    return { findings, before, after, seconds: elapsed(), skipped: skippedFaults(runaways) };
  } finally {
    process.off("uncaughtException", stray);
    process.off("unhandledRejection", stray);
  }
}

function skippedFaults(runaways: boolean): string[] {
  const { name } = runtimeInfo();
  if (name === "node") return ["deno_exit: there is no Deno.exit"];
  if (name === "bun") {
    return [
      "deno_exit: there is no Deno.exit",
      "hoard: Bun knows no limit of memory for one worker",
    ];
  }
  const loops = runaways
    ? `loop: ${COSTLY_LOOPS} only, as each costs a thread for good`
    : "loop: Deno cannot stop a synchronous loop, each costs a thread for good (--runaways)";
  return [loops, "hoard: a worker without memory ends the whole process"];
}
