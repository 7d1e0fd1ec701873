// Thousands of requests through bare sockets: whatever is sent, and however, the server answers or hangs
// up, keeps nothing, and goes on. HELIX_FUZZ_SEED takes another seed, HELIX_FUZZ_INDEX one request.
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { guarded } from "../fixtures/until.ts";
import { makeRequest } from "./fixtures/fuzz_requests.ts";
import { sendRaw } from "./fixtures/raw_client.ts";
import { type FuzzServer, startFuzzServer } from "./fixtures/start_fuzz_server.ts";

const SEED = Number(process.env.HELIX_FUZZ_SEED ?? 20_261_126);
const ONLY = process.env.HELIX_FUZZ_INDEX;
/** Number of requests; the long campaign sends more. */
const REQUESTS = process.env.HELIX_LONG === "1" ? 20_000 : 3_000;
const CLIENTS = 24;
const PLACES = 64;
/** Requests sent beyond the places there are, to see them refused. */
const BEYOND = 8;
const LIMIT_MS = 20_000;
const AGAIN = 5;
const LOOKS = 100;

/** What the server may keep of a request after the first half of them, in bytes: less than any of them has. */
const MAX_KEPT_BYTES = 1_000;
/** So many halves are tried at most. */
const MOST_PARTS = 4;

test("thousands of odd requests do a server no harm", guarded, async () => {
  const limits = { requestTimeoutMs: 250, maxBodyBytes: 60_000, maxConcurrentRequests: PLACES };
  await using server = await startFuzzServer(limits);
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
  let { heapBytes, inFlight, failed, errors } = await server.remains();
  let keptBytes = Infinity;
  // An engine keeps something of its own now and then; what is kept of requests is kept of more of them, too.
  for (let part = 2; part <= MOST_PARTS && keptBytes >= MAX_KEPT_BYTES; part++) {
    const beforeBytes = heapBytes;
    await runAll(part * REQUESTS / 2);
    await forgetStreams(server);
    ({ heapBytes, inFlight, failed, errors } = await server.remains());
    keptBytes = (heapBytes - beforeBytes) / (REQUESTS / 2);
  }
  console.log(`fuzz: ${[...statuses].sort().map((pair) => pair.join(" × ")).join(", ")}`);
  console.log(`fuzz: ${keptBytes.toFixed(0)} bytes kept of a request`);
  for (const status of [200, 202, 400, 401, 403, 404, 405, 413, 415, 422, 504]) {
    assert.ok(statuses.has(status), `no request was answered with ${status}: the fuzz is too tame`);
  }
  assert.deepEqual(errors, []);
  assert.deepEqual({ inFlight, failed }, { inFlight: 0, failed: 0 });
  assert.ok(keptBytes < MAX_KEPT_BYTES, `${keptBytes} bytes are kept of a request`);
  await assertAllPlacesFree(server);
});

async function fuzz({ port, token }: FuzzServer, index: number): Promise<number | "closed"> {
  const request = makeRequest(SEED, index, token);
  const isSlow = request.pauseMs > 0 && !request.isBroken;
  let answer = await sendRaw(port, request, LIMIT_MS);
  // A server that hangs up on one who still sends may take its answer away again: that is TCP. One
  // that gives no answer does so each time.
  for (let again = 0; isSlow && answer === "closed" && again < AGAIN; again++) {
    answer = await sendRaw(port, request, LIMIT_MS);
  }
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

/** All clients have gone: nobody must listen to the router any more. */
async function forgetStreams(server: FuzzServer): Promise<void> {
  let { listeners } = await server.remains();
  for (let look = 0; listeners > 0 && look < LOOKS; look++) {
    ({ listeners } = await server.remains());
  }
  assert.equal(listeners, 0, "streams outlive their clients");
}

/** Of more requests than there are places, just those beyond are refused: none has kept its place. */
async function assertAllPlacesFree(server: FuzzServer): Promise<void> {
  // The fuzz has left its own configuration behind.
  const { status } = await send(server, "PATCH", "/config", { cpuQueueCapacity: 2 * PLACES });
  assert.equal(status, 200);
  // These jobs end with their requests only, and those when their time is over.
  const hold = () => send(server, "POST", "/jobs/hold", { input: null });
  const answers = await Promise.all(Array.from({ length: PLACES + BEYOND }, hold));
  const countOf = (wanted: number) => answers.filter(({ status }) => status === wanted).length;
  assert.deepEqual({ held: countOf(504), refused: countOf(503) }, {
    held: PLACES,
    refused: BEYOND,
  });
  assert.equal((await server.remains()).inFlight, 0);
}

async function send({ port, token }: FuzzServer, method: string, path: string, body: unknown) {
  const text = JSON.stringify(body);
  const lines = [
    `${method} /api${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    `authorization: Bearer ${token}`,
    "content-type: application/json",
    `content-length: ${text.length}`,
  ];
  const parts = [`${lines.join("\r\n")}\r\n\r\n${text}`];
  const request = { parts, pauseMs: 0, goesAway: false, isBroken: false, isHead: false };
  const answer = await sendRaw(port, request, LIMIT_MS);
  assert.ok(typeof answer === "object", `${answer}`);
  return answer;
}
