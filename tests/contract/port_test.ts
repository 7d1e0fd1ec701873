// The port contract for every way of having a worker on this runtime.
import process from "node:process";
import { Worker as NodeWorker } from "node:worker_threads";
import { runtimeInfo } from "../../mod.ts";
import type { Jobs } from "../../src/define/jobs.ts";
import { runtimeDefaults } from "../../src/runtime/host.ts";
import { portFactory } from "../../src/runtime/ports.ts";
import { fixtureUrl } from "../fixtures/fixture_url.ts";
import hookJobs from "../fixtures/hook_jobs.ts";
import { portContract } from "./port_contract.ts";
import { portDeaths } from "./port_deaths.ts";
import { portStarts } from "./port_starts.ts";
import { portSetUp, type PortWay } from "./port_way.ts";

const runtime = runtimeInfo().name;

/** Deno cannot stop a synchronous loop (denoland/deno#35657); tests/faults/runaway_test.ts shows it. */
const stopsLoops = runtime !== "deno";

type Entry = (url: string) => unknown;

const webWorker: Entry = (url) => new Worker(url, { type: "module" });
const nodeWorker: Entry = (url) => new NodeWorker(new URL(url));

function moduleOnly(module: string): Jobs {
  return { module: fixtureUrl(module), kinds: {} };
}

const TRANSPORTS = ["shared_memory", "messages"] as const;

const { clock } = runtimeDefaults();

type Settings = Parameters<typeof portFactory>[1];

function builtIn(transport: Settings["transport"]): PortWay {
  const settings = { transport, clock, maxWorkerHeapBytes: Infinity, teardownMs: 1_000 };
  return {
    name: runtime === "node"
      ? `ThreadPort over node:worker_threads, built-in entry, ${transport}`
      : `ThreadPort over Web Worker, built-in entry, ${transport}`,
    ports: (set) => portFactory([set], settings),
    otherProtocol: () => portFactory([moduleOnly("other_protocol_jobs")], settings),
    throwing: () => portFactory([moduleOnly("throws_at_import")], settings),
    hooked: (teardownMs) => portFactory([hookJobs], { ...settings, teardownMs }),
    throwingSetup: () => portFactory([moduleOnly("throwing_setup_jobs")], settings),
    importsModules: true,
    stopsLoops,
    tellsExitCode: runtime !== "deno",
  };
}

function ownEntry(
  name: string,
  entry: Entry,
  transport: Settings["transport"],
  tellsExitCode: boolean,
): PortWay {
  const from = (fixture: string, teardownMs = 1_000): Settings => ({
    transport,
    clock,
    maxWorkerHeapBytes: Infinity,
    teardownMs,
    worker: () => entry(fixtureUrl(fixture)),
  });
  return {
    name: `ThreadPort over ${name}, own entry, ${transport}`,
    ports: (set) => portFactory([set], from("port_entry")),
    otherProtocol: () => portFactory([], from("other_protocol_entry")),
    throwing: () => portFactory([], from("throws_at_import")),
    hooked: (teardownMs) => portFactory([hookJobs], from("hook_entry", teardownMs)),
    throwingSetup: () => portFactory([], from("throwing_setup_entry")),
    importsModules: false,
    stopsLoops,
    tellsExitCode,
  };
}

const isWhole = process.env.HELIX_LONG === "1";

/**
 * An own entry starts in another way, and serves by the same code. Its worker may die in another way
 * where Node's are not the built-in ones. The long campaign runs the whole contract over it.
 */
function ownContract(way: PortWay, diesAsBuiltIn: boolean): void {
  if (isWhole) return portContract(way);
  const setUp = portSetUp(way);
  portStarts(setUp);
  if (!diesAsBuiltIn) portDeaths(setUp);
}

for (const transport of TRANSPORTS) {
  portContract(builtIn(transport));
  const isNode = runtime === "node";
  if (!isNode) ownContract(ownEntry("Web Worker", webWorker, transport, runtime !== "deno"), true);
  ownContract(
    ownEntry("node:worker_threads", nodeWorker, transport, true),
    isNode || transport === "shared_memory",
  );
}
