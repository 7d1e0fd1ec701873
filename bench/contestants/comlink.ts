import { Worker as NodeWorker } from "node:worker_threads";
import { type Contestant, leastLoaded } from "../contestant.ts";
import { runtime } from "../runtime.ts";
import { loadPeer, peerWorkerUrl } from "./peer.ts";

type Remote = Readonly<Record<string, (input: unknown) => Promise<unknown>>>;

interface ComlinkModule {
  wrap(endpoint: unknown): Remote;
}

interface AdapterModule {
  readonly default: (worker: unknown) => unknown;
}

const ADAPTER = "comlink/dist/esm/node-adapter.mjs";

/** A proxied worker, with a count, as comlink itself is no pool. */
class ComlinkLine {
  inFlight = 0;
  readonly #call: (input: unknown) => Promise<unknown>;
  readonly #worker: { terminate(): unknown };

  constructor(worker: { terminate(): unknown }, call: (input: unknown) => Promise<unknown>) {
    this.#worker = worker;
    this.#call = call;
  }

  async run(input: unknown): Promise<unknown> {
    this.inFlight++;
    try {
      return await this.#call(input);
    } finally {
      this.inFlight--;
    }
  }

  close(): unknown {
    return this.#worker.terminate();
  }
}

async function startLine(job: string): Promise<ComlinkLine> {
  const { wrap } = await loadPeer<ComlinkModule>("comlink");
  const url = peerWorkerUrl("comlink.cjs");
  if (runtime.name !== "node") {
    const worker = new Worker(url, { type: "module" });
    return new ComlinkLine(worker, callOf(wrap(worker), job));
  }
  const { default: adapt } = await loadPeer<AdapterModule>(ADAPTER);
  const worker = new NodeWorker(url);
  return new ComlinkLine(worker, callOf(wrap(adapt(worker)), job));
}

function callOf(remote: Remote, job: string): (input: unknown) => Promise<unknown> {
  const call = remote[job];
  return (input) => call(input);
}

/** `comlink`: a proxy per worker, each job to the one with the fewest. */
export const comlink: Contestant = {
  name: "comlink",
  package: "comlink",
  load: () => loadPeer("comlink"),
  async open({ workers, job }) {
    const lines = await Promise.all(Array.from({ length: workers }, () => startLine(job)));
    return {
      run: (input) => leastLoaded(lines).run(input),
      close: () => Promise.all(lines.map((line) => line.close())),
    };
  },
};
