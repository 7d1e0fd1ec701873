// comlink listens to the global scope of Web Workers; on Node it needs an adapter.
const { expose } = require("comlink");
const work = require("../../jobs/work.cjs");

if (globalThis.Deno === undefined && globalThis.Bun === undefined) {
  const { parentPort } = require("node:worker_threads");
  const adapt = require("comlink/dist/umd/node-adapter");
  expose(work, adapt(parentPort));
} else {
  expose(work);
}
