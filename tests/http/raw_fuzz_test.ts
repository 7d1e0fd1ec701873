// 10,000 requests through bare sockets: whatever is sent, and however, the server answers or hangs
// up, keeps nothing, and goes on. HELIX_FUZZ_SEED takes another seed, HELIX_FUZZ_INDEX one request.
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { type DemoLoad, tokenOf } from "../../src/http/mod.ts";
import { guarded, until } from "../fixtures/until.ts";
import { makeRequest } from "./fixtures/fuzz_requests.ts";
import { startHeardServer } from "./fixtures/heard_server.ts";
import { sendRaw } from "./fixtures/raw_client.ts";
import type { TestServer } from "./fixtures/test_server.ts";

const SEED = Number(process.env.HELIX_FUZZ_SEED ?? 20_261_126);
const ONLY = process.env.HELIX_FUZZ_INDEX;
const REQUESTS = 10_000;
const CLIENTS = 24;
const PLACES = 64;
const LIMIT_MS = 20_000;

/** Much more than what is left over by chance in the second half; 5 kB a request would be over it. */
const MAX_GROWTH_BYTES = 24 * 2 ** 20;

const DEMO: DemoLoad = { running: null, start: () => {}, stop: () => {} };

test("10,000 odd requests do a server no harm", guarded, async () => {
  const limits = { requestTimeoutMs: 250, maxBodyBytes: 60_000, maxConcurrentRequests: PLACES };
  await using heard = await startHeardServer({ http: { ...limits, demo: DEMO } });
  const { server, listeners } = heard;
  const config = server.router.config();
  const statuses = new Map<number | "closed", number>();
  let next = 0;
  const run = async (end: number): Promise<void> => {
    while (next < end) {
      const index = next++;
      const status = await fuzz(server, index);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const runAll = (end: number) => Promise.all(Array.from({ length: CLIENTS }, () => run(end)));
  if (ONLY !== undefined) {
    next = Number(ONLY);
    await run(next + 1);
    return;
  }
  await runAll(REQUESTS / 2);
  const before = await leastHeap();
  await runAll(REQUESTS);
  const { router } = server;
  await router.drain();
  const growth = await leastHeap() - before;
  console.log(`fuzz: ${[...statuses].sort().map((pair) => pair.join(" × ")).join(", ")}`);
  for (const status of [200, 202, 400, 401, 403, 404, 405, 413, 415, 422, 503, 504]) {
    assert.ok(statuses.has(status), `no request was answered with ${status}: the fuzz is too tame`);
  }
  assert.deepEqual(server.errors, []);
  assert.equal(router.stats().inFlight, 0);
  assert.equal(router.stats().failed, 0);
  await until(() => listeners.size === 0);
  assert.ok(growth < MAX_GROWTH_BYTES, `the heap has grown by ${growth} bytes`);
  router.configure(config);
  await assertAllPlacesFree(server);
});

async function fuzz({ app, served }: TestServer, index: number): Promise<number | "closed"> {
  const request = makeRequest(SEED, index, tokenOf(app));
  const answer = await sendRaw(served.port, request, LIMIT_MS);
  const place = `HELIX_FUZZ_SEED=${SEED} HELIX_FUZZ_INDEX=${index}`;
  assert.notEqual(answer, "hung", `no answer: ${place}`);
  if (answer === "closed" || answer === "hung") {
    assert.ok(request.isBroken, `no answer, though it was right HTTP: ${place}`);
    return "closed";
  }
  const { status, text } = answer;
  // A server of Bun speaks HTTP/1.1 only, and says so.
  const isOtherVersion = status === 505 && !request.parts[0].includes(" HTTP/1.1\r\n");
  const isRight = status < 500 || status === 503 || status === 504 || isOtherVersion;
  assert.ok(isRight, `${status} ${text}: ${place}`);
  assert.doesNotMatch(text, /\n\s+at |node_modules|file:\/\//, place);
  return status;
}

/** The least of several looks, as garbage comes and goes. */
async function leastHeap(): Promise<number> {
  let least = Infinity;
  for (let look = 0; look < 10; look++) {
    least = Math.min(least, process.memoryUsage().heapUsed);
    Array.from({ length: 200_000 }, (_, i) => [i]); // garbage hurries the collector
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return least;
}

/** A request that kept its place would be missed here. */
async function assertAllPlacesFree({ post, router }: TestServer): Promise<void> {
  const controller = new AbortController();
  const held = Array.from(
    { length: PLACES },
    () =>
      post("hold", { input: null }, { signal: controller.signal })
        .then((response) => response.status).catch(() => 0),
  );
  await until(() => router.load.inFlight === PLACES);
  controller.abort();
  await Promise.all(held);
  await router.drain();
}
