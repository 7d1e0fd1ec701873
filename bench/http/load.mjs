// The client, always on Node: takes a request to send as JSON, loads a server with it by autocannon,
// and prints what came back, with the answers of each status apart.
import process from "node:process";
import autocannon from "autocannon";

const { url, seconds, connections, rate, body } = JSON.parse(process.argv[2]);
const times = {};
const instance = autocannon({
  url,
  connections,
  duration: seconds,
  ...(rate === undefined ? {} : { overallRate: rate }),
  method: "POST",
  headers: { "content-type": "application/json" },
  body,
});
instance.on("response", (_, status, _bytes, ms) => (times[status] ??= []).push(ms));
const { duration, errors, timeouts } = await instance;
const statuses = Object.fromEntries(
  Object.entries(times).map(([status, all]) => {
    all.sort((a, b) => a - b);
    const at = (q) => all[Math.min(all.length - 1, Math.floor(all.length * q))];
    return [status, { count: all.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }];
  }),
);
console.log(JSON.stringify({ seconds: duration, errors: errors + timeouts, statuses }));
