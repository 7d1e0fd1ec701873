// The facade under load: `node dist/bench/http/main.js`, `deno run -A bench/http/main.ts`,
// `bun bench/http/main.ts`, each with `--json FILE` and `--pairs N`. The server runs on this
// runtime, in a process of its own; the client is autocannon on Node.
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import { runtime } from "../runtime.ts";
import { median } from "../stats.ts";
import { HEAVY_MS } from "./http_jobs.ts";
import { answersOf, load, type Loaded } from "./load.ts";
import { startServer } from "./start_server.ts";

/** Share of a bare route's throughput that the facade must have. */
const WANTED_SHARE = 0.7;
/** Processor time of the server that a refused request may cost, in ms. */
const WANTED_REFUSAL_MS = 0.2;
const BUDGET_MS = 150;

const CONNECTIONS = 32;
const ADD = JSON.stringify({ input: { a: 20, b: 22 } });
const HEAVY = JSON.stringify({ input: null, hints: { latencyBudgetMs: BUDGET_MS } });

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { json: { type: "string" }, pairs: { type: "string", default: "5" } },
});
const pairs = Number(values.pairs);
const server = await startServer();
try {
  const tiny = await measureTiny();
  const refusal = await measureRefusals();
  const overload = await measureOverload();
  console.log(`${runtime.name} ${runtime.version}: the HTTP facade under load`);
  for (const [name, value, wanted, isRight] of rowsOf(tiny, refusal, overload)) {
    console.log(
      `  ${name.padEnd(52)}${value.padStart(12)}   ${wanted}${isRight ? "" : "  MISSED"}`,
    );
    if (!isRight) process.exitCode = 1;
  }
  if (values.json !== undefined) {
    const report = { ...runtime, tiny, refusal, overload };
    await writeFile(values.json, JSON.stringify(report, null, 2) + "\n");
  }
} finally {
  server.stop();
}

/** The same job by the facade and by a bare route, in turns. */
async function measureTiny() {
  const run = async (base: string, seconds: number): Promise<number> => {
    const url = `${base}/api/jobs/add`;
    const loaded = await load({ url, body: ADD, seconds, connections: CONNECTIONS });
    const { count } = answersOf(loaded, 200);
    if (count !== countOf(loaded)) throw new Error(`Not all are 200: ${JSON.stringify(loaded)}`);
    return count / loaded.seconds;
  };
  const { facade, bare } = server.urls;
  for (const url of [facade, bare]) await run(url, 2);
  const facadePerS: number[] = [];
  const barePerS: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const turns = [() => run(facade, 2), () => run(bare, 2)];
    const isBareFirst = pair % 2 === 1;
    const first = await turns[isBareFirst ? 1 : 0]();
    const second = await turns[isBareFirst ? 0 : 1]();
    facadePerS.push(isBareFirst ? second : first);
    barePerS.push(isBareFirst ? first : second);
  }
  const shares = facadePerS.map((perS, pair) => perS / barePerS[pair]);
  return {
    facadePerS: median(facadePerS),
    barePerS: median(barePerS),
    share: median(shares),
    shares,
  };
}

/** What a request costs the server that is refused, by a router that is full. */
async function measureRefusals() {
  const url = `${server.urls.full}/api/jobs/heavy`;
  await load({ url, body: HEAVY, seconds: 1, connections: CONNECTIONS });
  const before = await server.facts();
  const loaded = await load({ url, body: HEAVY, seconds: 3, connections: CONNECTIONS });
  const after = await server.facts();
  const { count } = answersOf(loaded, 503);
  if (count !== countOf(loaded)) throw new Error(`Not all are 503: ${JSON.stringify(loaded)}`);
  return { perS: count / loaded.seconds, cpuMs: (after.cpuMs - before.cpuMs) / count };
}

/** Twice as many heavy jobs as one worker can do. */
async function measureOverload() {
  const url = `${server.urls.facade}/api/jobs/heavy`;
  const connections = 100;
  const calm = await load({ url, body: HEAVY, seconds: 2, connections: 4 });
  const capacity = answersOf(calm, 200).count / calm.seconds;
  const rate = Math.ceil(2 * capacity);
  const loaded = await load({ url, body: HEAVY, seconds: 5, connections, rate });
  const { count, p50Ms, p99Ms, maxMs } = answersOf(loaded, 200);
  const refused = answersOf(loaded, 503);
  return {
    jobMs: HEAVY_MS,
    budgetMs: BUDGET_MS,
    capacityPerS: capacity,
    offeredPerS: countOf(loaded) / loaded.seconds,
    answeredPerS: count / loaded.seconds,
    p50Ms,
    p99Ms,
    maxMs,
    refusedPerS: refused.count / loaded.seconds,
    refusedP99Ms: refused.p99Ms,
    otherAnswers: countOf(loaded) - count - refused.count + loaded.errors,
  };
}

function countOf({ statuses }: Loaded): number {
  return Object.values(statuses).reduce((sum, { count }) => sum + count, 0);
}

type Row = readonly [name: string, value: string, wanted: string, isRight: boolean];

function rowsOf(
  tiny: Awaited<ReturnType<typeof measureTiny>>,
  refusal: Awaited<ReturnType<typeof measureRefusals>>,
  overload: Awaited<ReturnType<typeof measureOverload>>,
): Row[] {
  const whole = (value: number): string => Math.round(value).toLocaleString("en");
  const { p50Ms, p99Ms, offeredPerS, answeredPerS, refusedPerS, otherAnswers } = overload;
  return [
    ["tiny job, facade, answers/s", whole(tiny.facadePerS), "", true],
    ["tiny job, bare Hono route, answers/s", whole(tiny.barePerS), "", true],
    [
      "tiny job, facade / bare, median of the pairs",
      `${(100 * tiny.share).toFixed(1)} %`,
      `>= ${100 * WANTED_SHARE} %`,
      tiny.share >= WANTED_SHARE,
    ],
    [
      "refused, server's processor time each",
      `${refusal.cpuMs.toFixed(3)} ms`,
      `< ${WANTED_REFUSAL_MS} ms`,
      refusal.cpuMs < WANTED_REFUSAL_MS,
    ],
    ["2x overload, offered/s", whole(offeredPerS), "", true],
    [
      "2x overload, answered/s",
      whole(answeredPerS),
      `of ${whole(overload.capacityPerS)} that can be done`,
      true,
    ],
    ["2x overload, refused/s", whole(refusedPerS), "", true],
    ["2x overload, other answers", whole(otherAnswers), "none", otherAnswers === 0],
    ["2x overload, answered, p50", `${whole(p50Ms)} ms`, "", true],
    ["2x overload, answered, p99", `${whole(p99Ms)} ms`, `<= ${BUDGET_MS} ms`, p99Ms <= BUDGET_MS],
  ];
}
