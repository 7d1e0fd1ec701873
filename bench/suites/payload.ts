import { createRouter, type HelixRouter, type KindsOf, type Transport } from "../../mod.ts";
import { alwaysPool } from "../contestants/helixrouter.ts";
import { piscina } from "../contestants/piscina.ts";
import { type RawLine, startRawLines } from "../contestants/raw.ts";
import jobs from "../jobs/plain_jobs.ts";
import { cpuTimeUs, sleep } from "../measure.ts";
import { median } from "../stats.ts";
import type { Figures, Measured, Suite, Test } from "../suite.ts";

const MEGABYTE = 1_000_000;
const WARM_UP_CALLS = 3_000;
/** Moving costs little, however large a payload is, and so does what is small: there is time for many. */
const MOVES = 100;
const SMALL_TRIPS = 600;
/** After its last trip a worker may look for more for a while. */
const SETTLE_MS = 20;

const SMALL = "10 KB object";

/** What goes there and back. */
const PAYLOADS: Readonly<Record<string, () => unknown>> = {
  "10 MB bytes, cloned": () => new Uint8Array(10 * MEGABYTE),
  "10 MB bytes, transferred": () => new Uint8Array(10 * MEGABYTE),
  "1 MB bytes, cloned": () => new Uint8Array(MEGABYTE),
  [SMALL]: () => createObject(100),
  "100 KB object": () => createObject(1_000),
  "1 MB string": () => "0123456789".repeat(MEGABYTE / 10),
};

type Router = HelixRouter<KindsOf<typeof jobs>>;
/** Sends a payload and gets it back. */
type Send = (payload: unknown) => Promise<unknown>;

/** How large things travel: a copy of the code of `postMessage` is all that can be measured. */
export const payloadSuite: Suite = {
  name: "payload",
  about: "an echo by one worker, ours by both transports, bare `postMessage` and piscina (not on " +
    "Deno), in turn in the same process; " +
    "`in the call` is what the caller's thread spends before it goes on",
  cases: Object.keys(PAYLOADS),
  columns: [
    { metric: "round trip", unit: "µs" },
    { metric: "in the call", unit: "µs" },
    { metric: "CPU per trip", unit: "µs" },
  ],
  ours: "helixrouter",
  entries: [{ name: "helixrouter" }], // measures all of them
  limitS: 60,
  async measure({ case: name, quick }: Test): Promise<Measured> {
    const isMoved = name.endsWith("transferred");
    const routers = [openRouter("auto"), openRouter("messages")];
    const [byDefault, byMessages] = await Promise.all(routers);
    const lines = await startRawLines(1, { job: "echo", mode: isMoved ? "moved" : "one" });
    const senders: Readonly<Record<string, Send>> = {
      helixrouter: routerSender(byDefault, isMoved),
      "helixrouter (messages)": routerSender(byMessages, isMoved),
      raw: rawSender(lines[0], isMoved),
      ...(isMoved ? {} : await openPiscina()),
    };
    for (const send of Object.values(senders)) await warm(send, isMoved);
    const rounds = isMoved ? MOVES : name === SMALL ? SMALL_TRIPS : quick ? 40 : 100;
    const times = await measureInTurn(senders, PAYLOADS[name], rounds);
    const measured: Record<string, Figures> = {};
    for (const [contestant, send] of Object.entries(senders)) {
      const cpuUs = await cpuPerTripUs(send, PAYLOADS[name](), quick ? 150 : 500);
      measured[contestant] = { ...times[contestant], "CPU per trip": cpuUs };
    }
    await Promise.all([byDefault.close(), byMessages.close()]);
    lines[0].close();
    return measured;
  },
};

function openRouter(transport: Transport): Promise<Router> {
  return createRouter({ jobs, policy: alwaysPool, cpuParallelism: 1, transport });
}

/** Nothing where it is not installed, and on Deno, which must be told of its folder. */
async function openPiscina(): Promise<Readonly<Record<string, Send>>> {
  try {
    const { run } = await piscina("piscina").open({ workers: 1, job: "echo" });
    return { piscina: run };
  } catch {
    return {};
  }
}

function routerSender(router: Router, isMoved: boolean): Send {
  if (!isMoved) return (payload) => router.run("echo", payload);
  return (payload) => {
    const bytes = payload as Uint8Array<ArrayBuffer>;
    return router.run("echo_moved", bytes, { transfer: [bytes.buffer] });
  };
}

function rawSender(line: RawLine, isMoved: boolean): Send {
  return isMoved
    ? (bytes) => line.run(bytes, [(bytes as Uint8Array<ArrayBuffer>).buffer])
    : (payload) => line.run(payload);
}

/** So that code is compiled: what is measured are payloads, not engines. */
async function warm(send: Send, isMoved: boolean): Promise<void> {
  let payload: unknown = isMoved ? new Uint8Array(100) : "warm";
  for (let i = 0; i < WARM_UP_CALLS; i++) payload = await send(payload);
}

async function measureInTurn(
  senders: Readonly<Record<string, Send>>,
  create: () => unknown,
  rounds: number,
): Promise<Measured> {
  const trips = Object.entries(senders).map(([name, send]) => (
    { name, send, payload: create(), totalUs: [] as number[], callUs: [] as number[] }
  ));
  for (let round = 0; round < rounds; round++) {
    // In any order: who comes after a contestant that has just freed memory need not wait for new pages.
    for (const trip of shuffle(trips)) {
      const start = performance.now();
      const answer = trip.send(trip.payload);
      const sent = performance.now();
      trip.payload = await answer;
      if (round < rounds / 4) continue; // not compiled yet
      trip.totalUs.push((performance.now() - start) * 1e3);
      trip.callUs.push((sent - start) * 1e3);
    }
  }
  return Object.fromEntries(
    trips.map(({ name, totalUs, callUs }) => [
      name,
      { "round trip": median(totalUs), "in the call": median(callUs) },
    ]),
  );
}

/** In an order drawn at random. */
function shuffle<T>(items: readonly T[]): T[] {
  return items.map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at).map(({ item }) => item);
}

/** CPU time of one trip of those made for `durationMs`, while no other contestant is at work, in µs. */
async function cpuPerTripUs(send: Send, payload: unknown, durationMs: number): Promise<number> {
  await sleep(SETTLE_MS);
  const beforeUs = cpuTimeUs();
  const end = performance.now() + durationMs;
  let trips = 0;
  for (let answer = payload; performance.now() < end; trips++) answer = await send(answer);
  return (cpuTimeUs() - beforeUs) / trips;
}

/** Records of about 100 bytes of JSON each. */
function createObject(records: number): unknown {
  return Array.from({ length: records }, (_, id) => (
    { id, name: `customer ${id}`, tags: ["red", "green"], amount: id * 1.5, at: { x: id, y: -id } }
  ));
}
