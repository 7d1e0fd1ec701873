import type { Contestant } from "../contestant.ts";
import { workUrl } from "../jobs/work.ts";
import { peersFolder } from "../place.ts";
import { loadPeer, peerWorkerPath } from "./peer.ts";

interface PoolifierModule {
  readonly FixedThreadPool: new (workers: number, file: string | URL) => {
    execute(input: unknown, job: string): Promise<unknown>;
    destroy(): Promise<void>;
  };
}

/** A fixed pool of one of poolifier's two packages, which have the same API. */
function poolifierOf(name: string, file: () => string | URL): Contestant {
  return {
    name,
    package: name,
    load: () => loadPeer(name),
    async open({ workers, job }) {
      const { FixedThreadPool } = await loadPeer<PoolifierModule>(name);
      const pool = new FixedThreadPool(workers, file());
      return { run: (input) => pool.execute(input, job), close: () => pool.destroy() };
    },
  };
}

/** `poolifier`, on `node:worker_threads`. */
export const poolifier: Contestant = poolifierOf(
  "poolifier",
  () => peerWorkerPath("poolifier.cjs"),
);

/** `poolifier-web-worker`, on Web Workers. */
export const poolifierWebWorker: Contestant = {
  ...poolifierOf("poolifier-web-worker", webWorkerUrl),
  runtimes: ["deno", "bun"],
};

/**
 * The worker's code as text. It has to import the package statically, or it misses its first
 * message now and then; a file that does so could not be checked without the peers.
 */
function webWorkerUrl(): URL {
  const entry = new URL("node_modules/poolifier-web-worker/esm/mod.js", peersFolder);
  const code = `import { ThreadWorker } from "${entry}";
import work from "${workUrl}";
export default new ThreadWorker(work);`;
  return new URL(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
}
