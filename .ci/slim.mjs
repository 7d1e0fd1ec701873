// Makes a bundled script smaller, as it is read anew in each process: without comments and space. Names stay, for
// stacks and profiles; lines stay short, as Node prints the one that an error comes from.
import { createRequire } from "node:module";

/** The script and its map, made of those of a bundle. */
export async function slim(text, map) {
  const { transform } = createRequire(import.meta.url)("esbuild");
  const data = Buffer.from(map).toString("base64");
  const { code, map: mapOfCode } = await transform(
    `${text}//# sourceMappingURL=data:application/json;base64,${data}\n`,
    {
      minifyWhitespace: true,
      minifySyntax: true,
      lineLimit: 100,
      target: "es2022",
      legalComments: "none",
      sourcemap: "external",
      sourcesContent: false,
    },
  );
  const script = code.replaceAll(ANY_IMPORT, `$&${UNBUNDLED}`).replaceAll(
    CUT_URL,
    'new URL(\n"$1$2"',
  );
  return { text: script, map: mapOfCode };
}

/** An import of what is known at run time only; the comments are among what is gone. */
const ANY_IMPORT = /(?<![\w.$])import\((?!["'`]|\$\{)/g;
const UNBUNDLED = "/* webpackIgnore: true */ /* @vite-ignore */ ";

/** A URL that goes on in the next line: bundlers look for it in one piece. */
const CUT_URL = /new URL\("([^"\\]*)\\\n([^"]*)"/g;
