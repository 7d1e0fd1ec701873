// The port contract for every way of having a worker on this runtime.
import { Worker as NodeWorker } from "node:worker_threads";
import { runtimeInfo } from "../../mod.ts";
import type { Jobs } from "../../src/jobs.ts";
import { portFactory } from "../../src/runtime/host.ts";
import { fixtureUrl } from "../fixtures/fixture_url.ts";
import { portContract, type PortWay } from "./port_contract.ts";

const runtime = runtimeInfo().name;

/** Deno cannot stop a synchronous loop (denoland/deno#35657); tests/faults/runaway_test.ts shows it. */
const stopsLoops = runtime !== "deno";

type Entry = (url: string) => unknown;

const webWorker: Entry = (url) => new Worker(url, { type: "module" });
const nodeWorker: Entry = (url) => new NodeWorker(new URL(url));

function moduleOnly(module: string): Jobs {
  return { module: fixtureUrl(module), kinds: {} };
}

const builtIn: PortWay = {
  name: runtime === "node"
    ? "ThreadPort over node:worker_threads, built-in entry"
    : "ThreadPort over Web Worker, built-in entry",
  ports: (set) => portFactory([set]),
  otherProtocol: () => portFactory([moduleOnly("other_protocol_jobs")]),
  throwing: () => portFactory([moduleOnly("throws_at_import")]),
  stopsLoops,
  tellsExitCode: runtime !== "deno",
};

function ownEntry(name: string, entry: Entry, tellsExitCode: boolean): PortWay {
  const from = (fixture: string) => () => entry(fixtureUrl(fixture));
  return {
    name: `ThreadPort over ${name}, own entry`,
    ports: (set) => portFactory([set], from("port_entry")),
    otherProtocol: () => portFactory([], from("other_protocol_entry")),
    throwing: () => portFactory([], from("throws_at_import")),
    stopsLoops,
    tellsExitCode,
  };
}

portContract(builtIn);
if (runtime !== "node") {
  portContract(ownEntry("Web Worker", webWorker, runtime !== "deno"));
}
portContract(ownEntry("node:worker_threads", nodeWorker, true));
