// The router of 281494b as a contestant, driven through its own `clock` and `createPort`.

import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { AnyPolicy, PortFactory, PortOwner, WorkerPort } from "../../mod.ts";
import { type RunContestant, withFigures } from "../../src/simulation/compare/contestants.ts";
import { runVirtually } from "../../src/simulation/laboratory/virtual_run.ts";
import { hashOf, openCommit } from "../against/commit.ts";
import { runtime } from "../runtime.ts";

const NAME = "threshold-0.1";

/** What that commit's owner of a port is told before results. */
interface OldOwner extends PortOwner {
  arrived(port: WorkerPort, areLast: boolean): void;
}

/** Lays the commit into a folder of its own, and loads it. */
export async function openThreshold01(): Promise<RunContestant> {
  const { program } = await openCommit(await hashOf(NAME));
  const isBuilt = runtime.name === "node";
  const top = join(dirname(fileURLToPath(program)), "..");
  const load = (path: string) =>
    import(pathToFileURL(join(top, isBuilt ? path.replace(/ts$/, "js") : path)).href);
  const { createRouter, thresholdPolicy } = await load("mod.ts");
  const { defineJobs } = await load("src/jobs.ts");
  return withFigures((options) =>
    runVirtually({
      policy: thresholdPolicy as () => AnyPolicy,
      library: { createRouter, defineJobs, adaptPorts },
    }, options)
  );
}

/** Ports for that commit: it is told when results arrive. */
function adaptPorts(createPort: PortFactory): PortFactory {
  return () => {
    const port = createPort();
    const start = port.start.bind(port);
    port.start = (owner) => start(toldOfArrivals(owner as OldOwner));
    return port;
  };
}

function toldOfArrivals(owner: OldOwner): PortOwner {
  return {
    ready: (port) => owner.ready(port),
    result: (port, seq, ok, value, runMs) => {
      owner.arrived(port, false);
      owner.result(port, seq, ok, value, runMs, runMs, NaN);
    },
    progress: (port, seq, value) => owner.progress(port, seq, value),
    died: (port, death) => owner.died(port, death),
    returned: () => {},
  };
}
