// Where things lie: the build holds the compiled modules, the sources hold all the rest.

/** The `bench` folder of the sources, with the plain JavaScript and the peers. */
export const sourceFolder: URL = new URL(
  import.meta.url.includes("/dist/bench/") ? "../../bench/" : "./",
  import.meta.url,
);

/** The checkout. */
export const rootFolder: URL = new URL("../", sourceFolder);

/** This folder: the sources on Deno and Bun, the build on Node. */
export const moduleFolder: URL = new URL("./", import.meta.url);

/** The folder of the peers: their versions, and once installed themselves. */
export const peersFolder: URL = new URL("peers/", sourceFolder);

const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

/** A module of this folder, by its name without extension, as this runtime runs it. */
export function moduleUrl(name: string): URL {
  return new URL(name + extension, moduleFolder);
}
