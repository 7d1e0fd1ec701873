// The server, a process of its own: a router that is given 50,000 jobs a second which run inline, with
// its dashboard. Prints its addresses as JSON, and ends with its input.
import process from "node:process";
import { Hono } from "hono";
import { createRouter, defineJobs } from "../../mod.ts";
import { createHttpApp, serve } from "../../src/http/mod.ts";

/** Where the server answers. */
export interface ServerUrls {
  readonly dashboard: string;
  readonly facts: string;
}

/** What `GET /` of `facts` answers, all since the start. */
export interface ServerFacts {
  readonly atMs: number;
  /** Time of the processor that the process has used, all threads together. */
  readonly cpuMs: number;
  readonly completed: number;
}

const JOBS_PER_MS = 50;
const PERIOD_MS = 4;

const jobs = defineJobs({ add_one: { cost: 1, run: (n: number) => n + 1 } });
const router = await createRouter({ jobs });
const facts = new Hono().get("/", (c) => {
  const { user, system } = process.cpuUsage();
  const cpuMs = (user + system) / 1_000;
  const answer: ServerFacts = {
    atMs: performance.now(),
    cpuMs,
    completed: router.stats().completed,
  };
  return c.json(answer);
});
const [dashboardUrl, factsUrl] = await Promise.all(
  [createHttpApp(router), facts].map(async (app) => (await serve(app, { port: 0 })).url),
);

const sink = { settled() {}, refused() {} };
const startMs = performance.now();
let offered = 0;
setInterval(() => {
  const due = (performance.now() - startMs) * JOBS_PER_MS;
  for (; offered < due; offered++) router.offer("add_one", offered, undefined, sink);
}, PERIOD_MS);

const answer: ServerUrls = { dashboard: dashboardUrl, facts: factsUrl };
console.log(JSON.stringify(answer));
process.stdin.on("end", () => process.exit()).resume();
