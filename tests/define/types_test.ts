import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { skippedIf } from "../fixtures/skipped.ts";

/** Also right in dist/tests: the root is where deno.json is. */
function findRoot(): string {
  let folder = new URL(".", import.meta.url);
  while (!existsSync(new URL("deno.json", folder))) folder = new URL("..", folder);
  return fileURLToPath(folder);
}

const root = findRoot();
const path = `${root}tests/define/typing_cases.ts`;
const text = ts.sys.readFile(path)!;

interface Finding {
  readonly line: number;
  readonly code: string;
  readonly message: string;
}

const DIRECTIVE = /^ *\/\/ @ts-expect-error: (TS\d+) (.+)$/;
const lines = text.split("\n");

/** The cases as they are, without what excuses the wrong ones, and with a promise that is not held. */
const variants: Readonly<Record<string, string>> = {
  [path]: text,
  [`${root}tests/define/bare_cases.ts`]: lines
    .map((line) => DIRECTIVE.test(line) ? "" : line).join("\n"),
  [`${root}tests/define/broken_cases.ts`]: text.replace(
    'same<Equal<OutputOf<Kinds["schema"]>, number>>()',
    (line) => line.replace("number", "number | string"),
  ),
};
const [asIs, bare, broken] = Object.keys(variants);

/** Compiles all variants as the build does, in one program: most of it is what they import. */
function compile(): (name: string) => Finding[] {
  const config = ts.readConfigFile(`${root}tsconfig.build.json`, ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root);
  const host = ts.createCompilerHost({ ...options, noEmit: true });
  const { fileExists, readFile } = host;
  host.fileExists = (name) => name in variants || fileExists(name);
  host.readFile = (name) => variants[name] ?? readFile(name);
  const program = ts.createProgram(Object.keys(variants), { ...options, noEmit: true }, host);
  return (name) => {
    const source = program.getSourceFile(name);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
      .map(({ file, start, code, messageText }) => ({
        line: file!.getLineAndCharacterOfPosition(start!).line,
        code: `TS${code}`,
        message: ts.flattenDiagnosticMessageText(messageText, "\n"),
      }));
  };
}

let compiled: ReturnType<typeof compile> | undefined;

function check(name: string): Finding[] {
  compiled ??= compile();
  return compiled(name);
}

/** Reading the declarations of a whole runtime takes its time; Deno alone has no folder of them. */
const slow = {
  timeout: 120_000,
  skip: skippedIf(
    !existsSync(`${root}node_modules/zod`),
    "types",
    "the type checker needs node_modules (npm ci)",
  ),
};

test("what is right compiles to the promised types, and nothing wrong compiles", slow, () => {
  assert.deepEqual(check(asIs), []);
});

test("each wrong use is refused for its own reason", slow, () => {
  const expected = lines.flatMap((line, i) => {
    const match = DIRECTIVE.exec(line);
    return match === null ? [] : [{ line: i + 1, code: match[1], why: match[2] }];
  });
  assert.ok(expected.length >= 30, `${expected.length} wrong uses`);
  assert.equal(expected.length, text.split("// @ts-expect-error").length - 1, "a form of its own");
  const found = check(bare);
  for (const { line, code, why } of expected) {
    const here = found.filter((finding) => finding.line === line);
    assert.deepEqual(here.map((finding) => finding.code), [code], `line ${line + 1}: ${why}`);
  }
  assert.equal(found.length, expected.length);
});

test("the promised types are held exactly", slow, () => {
  assert.notEqual(variants[broken], text);
  assert.deepEqual(check(broken).map((finding) => finding.code), ["TS2344"]);
});
