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

/** Compiles the cases as the build does, with another text in their place; says what is wrong. */
function createChecker(): (text: string) => Finding[] {
  const config = ts.readConfigFile(`${root}tsconfig.build.json`, ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root);
  const host = ts.createCompilerHost({ ...options, noEmit: true });
  const { getSourceFile, readFile } = host;
  const others = new Map<string, ts.SourceFile | undefined>();
  return (text) => {
    host.readFile = (name) => name === path ? text : readFile(name);
    host.getSourceFile = (name, ...rest) => {
      if (name === path) return getSourceFile(name, ...rest);
      if (!others.has(name)) others.set(name, getSourceFile(name, ...rest));
      return others.get(name);
    };
    const program = ts.createProgram([path], { ...options, noEmit: true }, host);
    const source = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
      .map(({ file, start, code, messageText }) => ({
        line: file!.getLineAndCharacterOfPosition(start!).line,
        code: `TS${code}`,
        message: ts.flattenDiagnosticMessageText(messageText, "\n"),
      }));
  };
}

const DIRECTIVE = /^ *\/\/ @ts-expect-error: (TS\d+) (.+)$/;
const check = createChecker();

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
  assert.deepEqual(check(text), []);
});

test("each wrong use is refused for its own reason", slow, () => {
  const lines = text.split("\n");
  const expected = lines.flatMap((line, i) => {
    const match = DIRECTIVE.exec(line);
    return match === null ? [] : [{ line: i + 1, code: match[1], why: match[2] }];
  });
  assert.ok(expected.length >= 30, `${expected.length} wrong uses`);
  assert.equal(expected.length, text.split("// @ts-expect-error").length - 1, "a form of its own");
  const bare = lines.map((line) => DIRECTIVE.test(line) ? "" : line).join("\n");
  const found = check(bare);
  for (const { line, code, why } of expected) {
    const here = found.filter((finding) => finding.line === line);
    assert.deepEqual(here.map((finding) => finding.code), [code], `line ${line + 1}: ${why}`);
  }
  assert.equal(found.length, expected.length);
});

test("the promised types are held exactly", slow, () => {
  const wrong = text.replace(
    'same<Equal<OutputOf<Kinds["schema"]>, number>>()',
    (line) => line.replace("number", "number | string"),
  );
  assert.notEqual(wrong, text);
  assert.deepEqual(check(wrong).map((finding) => finding.code), ["TS2344"]);
});
