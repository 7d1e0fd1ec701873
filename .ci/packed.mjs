// Packs the package as `npm publish` would, from a copy: tests may be running on `dist` meanwhile.
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle, withPages } from "./bundle.mjs";
import { manifest, repository, withAbsoluteLinks } from "./repository.mjs";
import { root, run } from "./steps.mjs";

/** Of a build, most is what `files` of package.json leaves out. */
function isOfUse(path) {
  return !["tests", "bench", "examples"].some((name) => path === join(root, "dist", name));
}

/** Copies what is to be packed into a folder in `folder`, and returns that. */
export async function copySource(folder) {
  const source = join(folder, "source");
  await mkdir(source);
  for (const name of ["LICENSE", "CHANGELOG.md", "dist"]) {
    await cp(join(root, name), join(source, name), { recursive: true, filter: isOfUse });
  }
  await bundle(join(source, "dist"));
  const { scripts: _, devDependencies: __, ...packed } = withPages(manifest); // they are for the clone
  packed.homepage = `${repository}#readme`;
  packed.bugs = { url: `${repository}/issues` };
  await writeFile(join(source, "package.json"), `${JSON.stringify(packed, null, 2)}\n`);
  const readme = await readFile(join(root, "README.md"), "utf8");
  await writeFile(join(source, "README.md"), withAbsoluteLinks(readme));
  return source;
}

/**
 * Packs into `folder`.
 *
 * @returns `source`, the folder with what was packed; `contents`, npm's description of the tarball; or the
 *   `problem` it had.
 */
export async function pack(folder) {
  const source = await copySource(folder);
  const flags = ["--json", "--ignore-scripts", "--pack-destination", folder];
  const { code, stdout, output } = await run("npm", ["pack", ...flags], {
    cwd: source,
    quiet: true,
  });
  if (code !== 0) return { source, problem: output };
  return { source, contents: JSON.parse(stdout)[0] };
}
