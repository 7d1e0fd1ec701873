// Where the repository is: `repository.url` of package.json is the one place that says so.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./steps.mjs";

export const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));

/** Its page, such as `https://github.com/name/helixrouter`. */
export const repository = manifest.repository.url.replace(/^git\+|\.git$/g, "");

/** The URL of a file of it, as it is, at the tag of this version; of the folder with all if it has no name. */
export function fileUrl(path) {
  return `${repository}/raw/v${manifest.version}/${path}`;
}

/** The URL of its page, at the tag of this version. */
export function pageUrl(path) {
  return `${repository}/blob/v${manifest.version}/${path}`;
}

/** A text in Markdown whose relative links work elsewhere, too. */
export function withAbsoluteLinks(text) {
  return text
    .replace(/(!\[[^\]]*\]\()(?![a-z]+:|#)([^)]+)/g, (_, head, path) => head + fileUrl(path))
    .replace(/((?<!!)\[[^\]]*\]\()(?![a-z]+:|#)([^)]+)/g, (_, head, path) => head + pageUrl(path));
}
