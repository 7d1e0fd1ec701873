// Makes a bundled script smaller, as it is read anew in each process: without comments and space, with short
// names in functions. What is declared at the top keeps its name, for stacks and profiles; lines stay short,
// as Node prints the one that an error comes from.
import { createRequire } from "node:module";

/** esbuild renames what is at the top of a module, not of a script: it is given one. */
const META = "import_meta";
const IMPORTS = /^import\b[^;]*;$/gm;
const EXPORTS = /^export \{[^}]*\};$/m;

/** The script and its map, made of those of a bundle. */
export async function slim(text, map) {
  const { transform } = createRequire(import.meta.url)("esbuild");
  const imports = text.match(IMPORTS) ?? [];
  const [exports = ""] = text.match(EXPORTS) ?? [];
  const script = text
    .replace(IMPORTS, blank)
    .replace(EXPORTS, blank)
    .replaceAll("import.meta", META);
  const data = Buffer.from(map).toString("base64");
  const { code, map: mapOfCode } = await transform(
    `"use strict";${script}//# sourceMappingURL=data:application/json;base64,${data}\n`,
    {
      minify: true,
      lineLimit: 100,
      target: "es2022",
      legalComments: "none",
      sourcemap: "external",
      sourcesContent: false,
    },
  );
  const head = imports.map(oneLine);
  const body = code.replaceAll(META, "import.meta").replaceAll(ANY_IMPORT, `$&${UNBUNDLED}`);
  const { mappings, ...rest } = JSON.parse(mapOfCode);
  return {
    text: [...head, body.trimEnd(), oneLine(exports), ""].join("\n"),
    map: JSON.stringify({ ...rest, mappings: ";".repeat(head.length) + mappings }),
  };
}

/** An import of what is known at run time only; the comments are among what is gone. */
const ANY_IMPORT = /(?<![\w.$])import\((?!["'`]|\$\{)/g;
const UNBUNDLED = "/* webpackIgnore: true */ /* @vite-ignore */ ";

/** As many lines, with nothing in them. */
function blank(text) {
  return text.replace(/[^\n]/g, "");
}

function oneLine(text) {
  return text.replace(/\s+/g, " ");
}
