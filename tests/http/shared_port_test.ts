// serve({ reusePort: true }): processes share a port where the runtime can, and are told where it cannot.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runtimeInfo } from "../../mod.ts";
import { ListenError, serve } from "../../src/http/mod.ts";
import { guarded } from "../fixtures/until.ts";

const app = { fetch: () => new Response() };

const { name, version } = runtimeInfo();
const [major, minor] = version.split(".").map(Number);
const canShare = name !== "node" || major > 23 || (major === 23 && minor >= 1) ||
  (major === 22 && minor >= 12);

/** The tests run without `--unstable-net`. */
const canShareHere = canShare && name !== "deno";

function start(port: number): ChildProcess {
  const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const path = fileURLToPath(new URL(`./fixtures/serve_shared${extension}`, import.meta.url));
  const run = name === "deno"
    ? ["run", "--allow-read", "--allow-env", "--allow-net", "--unstable-net", path]
    : [path];
  return spawn(process.execPath, [...run, `${port}`], { stdio: ["pipe", "pipe", "inherit"] });
}

/** The first line that it prints; none if it ends before. */
async function lineOf(child: ChildProcess): Promise<string> {
  const text = once(child.stdout!.setEncoding("utf8"), "data");
  const [line] = await Promise.race([text, once(child, "close")]);
  return `${line}`.trim();
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, "close");
  child.stdin!.end();
  await ended;
}

test("two processes share a port, and both get requests", guarded, async () => {
  const first = start(0);
  const line = await lineOf(first);
  if (!canShare) {
    assert.match(
      line,
      /^ListenError: Cannot listen on 127.0.0.1:0 as "reusePort" needs Deno with /,
    );
    return await end(first);
  }
  const port = Number(line);
  assert.ok(port > 0, line);
  const second = start(port);
  assert.equal(await lineOf(second), `${port}`);
  const answered = new Set<string>();
  const ask = async (): Promise<void> => {
    const headers = { connection: "close" }; // each request by a connection of its own
    answered.add(await (await fetch(`http://127.0.0.1:${port}`, { headers })).text());
  };
  while (answered.size < 2) await ask();
  assert.deepEqual(answered, new Set([`${first.pid}`, `${second.pid}`]));
  await end(first);
  for (let i = 0; i < 10; i++) await ask();
  assert.equal(answered.size, 2, "the other goes on");
  await end(second);
});

test("a port is not shared with one that does not say so", guarded, async () => {
  await using served = await serve(app, { port: 0 });
  const isRefused = (error: unknown): boolean =>
    error instanceof ListenError && error.reason === (canShareHere ? "in_use" : "no_reuse_port");
  await assert.rejects(serve(app, { port: served.port, reusePort: true }), isRefused);
});

test("serve() refuses a reusePort that is not true or false", async () => {
  await assert.rejects(serve(app, { port: 0, reusePort: "yes" as never }), {
    name: "RangeError",
    message: 'Cannot serve as "reusePort" must be true or false: received yes',
  });
});
