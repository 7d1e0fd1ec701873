import { fileURLToPath } from "node:url";
import { peersFolder } from "../place.ts";

/** Loads a package, or a file of it, from the peers' folder, as the shape that is used here. */
export async function loadPeer<T>(specifier: string): Promise<T> {
  const loader: { default: (specifier: string) => Promise<T> } = await import(
    new URL("load.mjs", peersFolder).href
  );
  return await loader.default(specifier);
}

/** The worker file of a peer. */
export function peerWorkerUrl(file: string): URL {
  return new URL(`workers/${file}`, peersFolder);
}

/** The same as a path. */
export function peerWorkerPath(file: string): string {
  return fileURLToPath(peerWorkerUrl(file));
}
