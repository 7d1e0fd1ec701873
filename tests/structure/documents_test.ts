import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { ROOMS } from "./rooms.ts";
import { root } from "./source_tree.ts";

const DOCUMENTS = ["docs/architecture.md", "CONTRIBUTING.md"];

const textOf = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** Files and folders of the repository that a text names in backticks, and the targets of its links. */
function namedIn(path: string, text: string): string[] {
  const places = "src|workers|bin|tests|bench|examples|docs|\\.ci";
  const named = text.matchAll(new RegExp(`\`((?:${places})/[^\`\\s]*)\``, "g"));
  const links = text.matchAll(/\]\((?![a-z]+:)([^)#\s]+)/g);
  const base = new URL(path, root);
  return [
    ...[...named].map(([, name]) => new URL(name, root).href),
    ...[...links].map(([, target]) => new URL(target, base).href),
  ];
}

function missingIn(path: string, text: string): string[] {
  return namedIn(path, text).filter((url) => !existsSync(new URL(url)))
    .map((url) => url.slice(root.href.length));
}

test("files that the documents name exist", () => {
  for (const path of DOCUMENTS) {
    const text = textOf(path);
    assert.ok(namedIn(path, text).length > 20, path);
    assert.deepEqual(missingIn(path, text), [], path);
  }
  const text =
    "`src/router.ts` `src/no.ts` [a](../README.md) [b](no.md) [c](https://a.b/no.md) `no.ts`";
  assert.deepEqual(missingIn("docs/a.md", text), ["src/no.ts", "docs/no.md"]);
});

/** The rooms of a table, with what each may import; `:types` as in `rooms.ts`. */
function roomsIn(text: string): Record<string, string[]> {
  const [, table] = text.split(/^\| room .*\n\| -+ .*\n/m);
  const rows = [...table.split("\n\n")[0].matchAll(/^\| `(\w+)` .*\| ([^|]*) \|$/gm)];
  return Object.fromEntries(rows.map(([, room, mayImport]) => {
    const others = mayImport.matchAll(/`(\w+)`( \(types\))?/g);
    return [room, [...others].map(([, name, types]) => types ? `${name}:types` : name)];
  }));
}

test("the table of rooms in the documentation is the one that imports are held to", () => {
  const found = roomsIn(textOf("docs/architecture.md"));
  assert.deepEqual(found, ROOMS);
  assert.deepEqual(Object.keys(found), Object.keys(ROOMS), "from the ground up");
});

/** Whether a file is among what JSR gets: a name of it, or of a folder it is in. */
function isPublished(path: string, include: readonly string[]): boolean {
  return include.some((name) => path === name || path.startsWith(`${name}/`));
}

test("what the README links to is on JSR, too, with what that links to", () => {
  const { publish } = JSON.parse(textOf("deno.json")) as { publish: { include: string[] } };
  const links = (path: string): string[] =>
    [...textOf(path).matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g)]
      .map(([, target]) => new URL(target, new URL(path, root)).href.slice(root.href.length));
  const linked = links("README.md");
  assert.ok(linked.length > 5);
  const all = [...linked, ...linked.filter((path) => path.endsWith(".md")).flatMap(links)];
  assert.deepEqual(all.filter((path) => !isPublished(path, publish.include)), []);
  assert.equal(isPublished("docs/tiny.svg", ["docs/tin", "src"]), false);
});
