// The shape of the source tree, read from its syntax: who may import whom, where runtime names may
// stand, where nothing may wait. Every rule is also fed a file that breaks it.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** One source file, its path counted from the repository's root. */
export interface Source {
  path: string;
  text: string;
}

/** Says what is wrong with a file; nothing when all is well. */
export type Rule = (source: Source) => string[];

/** Also right in dist/tests: the root is where deno.json is. */
function findRoot(): URL {
  let folder = new URL(".", import.meta.url);
  while (!existsSync(new URL("deno.json", folder))) folder = new URL("..", folder);
  return folder;
}

export const root = findRoot();

function readSources(...places: string[]): Source[] {
  return places.flatMap((place) => {
    const url = new URL(place, root);
    if (!existsSync(url)) return [];
    if (place.endsWith(".ts")) return [{ path: place, text: readFileSync(url, "utf8") }];
    return readdirSync(url, { withFileTypes: true }).flatMap((entry) =>
      entry.name !== "node_modules" && (entry.isDirectory() || entry.name.endsWith(".ts"))
        ? readSources(`${place}/${entry.name}`)
        : []
    );
  });
}

export const sources = readSources("mod.ts", "src", "workers", "bin");
/** What is not published, but read as well. */
export const companions = readSources("tests", "bench", "examples");
export const all = (rule: Rule): string[] => sources.flatMap(rule);

/** Fails unless the rule reports each of the wrong files and none of the right ones. */
export function assertTells(
  rule: Rule,
  wrong: [string, string][],
  right: [string, string][],
): void {
  for (const [path, text] of wrong) {
    assert.notDeepEqual(rule({ path, text }), [], `not reported: ${path}: ${text}`);
  }
  for (const [path, text] of right) assert.deepEqual(rule({ path, text }), []);
}
