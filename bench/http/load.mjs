// The client, always on Node: takes a request to send as JSON, loads a server with it, and prints
// what came back, the answers of each status apart. As many requests as are answered are sent by
// autocannon; a given number a second is sent evenly, by ourselves, as autocannon would send them at
// the beginning of each second.
import { Agent, request } from "node:http";
import process from "node:process";
import autocannon from "autocannon";

const what = JSON.parse(process.argv[2]);
const headers = { "content-type": "application/json" };
const times = {};
const add = (status, ms) => (times[status] ??= []).push(ms);
const { seconds, errors } = await (what.rate === undefined ? flood(what) : pace(what));
const statuses = Object.fromEntries(
  Object.entries(times).map(([status, all]) => {
    all.sort((a, b) => a - b);
    const at = (q) => all[Math.min(all.length - 1, Math.floor(all.length * q))];
    return [status, { count: all.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }];
  }),
);
console.log(JSON.stringify({ seconds, errors, statuses }));

async function flood({ url, body, seconds, connections }) {
  const options = { url, connections, duration: seconds, method: "POST", headers, body };
  const instance = autocannon(options);
  instance.on("response", (_client, status, _bytes, ms) => add(status, ms));
  const { duration, errors, timeouts } = await instance;
  return { seconds: duration, errors: errors + timeouts };
}

/** Times count from when a request was due, or a late client would flatter the server. */
async function pace({ url, body, seconds, connections, rate }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const options = { agent, method: "POST", headers: { ...headers, "content-length": body.length } };
  const startMs = performance.now();
  const running = [];
  let errors = 0;
  const ask = (dueMs) =>
    new Promise((resolve) => {
      const sent = request(url, options, (response) => {
        response.resume().on("end", () => {
          add(response.statusCode, performance.now() - dueMs);
          resolve();
        });
      });
      sent.on("error", () => {
        errors++;
        resolve();
      });
      sent.end(body);
    });
  for (let sent = 0; sent < rate * seconds;) {
    const dueMs = startMs + 1_000 * sent / rate;
    if (dueMs > performance.now()) await new Promise((resolve) => setTimeout(resolve, 1));
    else if (++sent) running.push(ask(dueMs));
  }
  await Promise.all(running);
  agent.destroy();
  return { seconds: (performance.now() - startMs) / 1_000, errors };
}
