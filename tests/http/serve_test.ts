// serve() on this runtime: options, the end of a server, and clients that are not fetch().
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { runtimeInfo } from "../../mod.ts";
import { ListenError, serve } from "../../src/http/mod.ts";
import { Guard } from "../../src/http/security/guard.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import { guarded } from "../fixtures/until.ts";
import { runCommand, runProgram } from "./fixtures/run_program.ts";
import { startServer } from "./fixtures/test_server.ts";

/** Something that answers when it is told to. */
function createGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => open = resolve);
  let enter = () => {};
  const entered = new Promise<void>((resolve) => enter = resolve);
  const fetch = async (request: Request) => {
    if (!request.url.endsWith("/gate")) return new Response("open");
    enter();
    await opened;
    return new Response("through the gate");
  };
  return { app: { fetch }, open: () => open(), entered };
}

/** Text of an answer, or "refused". */
async function ask(url: string): Promise<string> {
  try {
    const response = await fetch(url);
    const text = await response.text();
    return response.status === 503 ? "refused" : text;
  } catch {
    return "refused";
  }
}

test("serve() takes any free port and says where it is", guarded, async () => {
  const { app } = createGate();
  await using served = await serve(app, { port: 0 });
  assert.ok(Number.isInteger(served.port) && served.port > 0);
  assert.equal(served.hostname, "127.0.0.1");
  assert.equal(served.url, `http://127.0.0.1:${served.port}`);
  assert.equal(await ask(`${served.url}/`), "open");
});

test("serve() says when the port is in use", guarded, async () => {
  const { app } = createGate();
  await using first = await serve(app, { port: 0 });
  const { port } = first;
  const error = await serve(app, { port }).then(() => undefined, (error) => error);
  assert.ok(error instanceof ListenError);
  assert.equal(error.name, "ListenError");
  assert.equal(error.reason, "in_use");
  assert.equal(error.port, port);
  assert.equal(error.hostname, "127.0.0.1");
  assert.equal(
    error.message,
    `Cannot listen on 127.0.0.1:${port} as the port is in use: choose another "port", or 0 for any free one`,
  );
  assert.equal(await ask(`${first.url}/`), "open");
});

test("serve() says when it may not or cannot have the address", guarded, async () => {
  const { app } = createGate();
  const hostname = "203.0.113.1"; // for documentation only, so on no machine
  const error = await serve(app, { hostname, port: 0, insecure: true }).then(
    () => undefined,
    (error) => error,
  );
  assert.ok(error instanceof ListenError);
  const isDeno = runtimeInfo().name === "deno";
  assert.match(error.reason, isDeno ? /^not_allowed$|^no_such_address$/ : /^no_such_address$/);
  assert.match(error.message, /^Cannot listen on 203\.0\.113\.1:0 as /);
  assert.ok(error.cause instanceof Error);
});

test("serve() refuses wrong options before it listens", async () => {
  const { app } = createGate();
  await assert.rejects(serve(app, { hostname: "" }), {
    name: "RangeError",
    message: 'Cannot serve as "hostname" must be a name or an address: received ""',
  });
  for (const port of [-1, 65_536, 1.5, NaN]) {
    await assert.rejects(serve(app, { port }), {
      name: "RangeError",
      message: `Cannot serve as "port" must be an integer from 0 to 65535: received ${port}`,
    });
  }
  for (const drainMs of [-1, NaN, Infinity]) {
    await assert.rejects(serve(app, { port: 0, drainMs }), {
      name: "RangeError",
      message:
        `Cannot serve as "drainMs" must be a number of ms from 0 to 2147483647: received ${drainMs}`,
    });
  }
});

test("Served.close() refuses new requests and lets those that run end", guarded, async () => {
  const { app, open, entered } = createGate();
  const served = await serve(app, { port: 0, drainMs: 100_000 });
  assert.equal(await ask(`${served.url}/`), "open");
  const running = ask(`${served.url}/gate`);
  await entered;
  let isClosed = false;
  const closing = [1, 2].map(() => served.close().then(() => isClosed = true));
  assert.equal(await ask(`${served.url}/`), "refused");
  assert.equal(isClosed, false);
  open();
  assert.equal(await running, "through the gate");
  await Promise.all(closing);
  await served.close();
  assert.equal(await ask(`${served.url}/`), "refused");

  const again = await serve(app, { port: served.port });
  assert.equal(await ask(`${again.url}/`), "open");
  await again.close();
});

test("Served.close() cuts requests that run too long", guarded, async () => {
  const { app, entered } = createGate();
  const served = await serve(app, { port: 0, drainMs: 20 });
  const running = ask(`${served.url}/gate`);
  await entered;
  await served.close();
  assert.equal(await running, "refused");
});

test("Served.close() waits for no connection without a request", guarded, async (t) => {
  const reason = "Bun gives them the time to drain";
  const isBun = runtimeInfo().name === "bun";
  if (skippedIf(isBun, "Served.close() waits for no connection without a request", reason)) {
    return t.skip(reason);
  }
  const rows = [
    ["silent", "", 0],
    ["idle after its answer", "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n", 1],
    ["in the middle of a head", "GET / HT", 0],
  ] as const;
  const cases = rows.flatMap((row) => [[...row, true], [...row, false]] as const);
  for (const [how, text, answers, hasOther] of cases) {
    const { app, open, entered } = createGate();
    const served = await serve(app, { port: 0, drainMs: 1_000_000 });
    const running = hasOther ? ask(`${served.url}/gate`) : undefined;
    const socket = connect(served.port, "127.0.0.1");
    const ended = new Promise((resolve) => socket.on("close", resolve).on("error", () => {}));
    await new Promise<void>((resolve) => socket.on("connect", resolve));
    if (text !== "") socket.write(text);
    if (answers > 0) await new Promise((resolve) => socket.once("data", resolve));
    socket.resume();
    if (hasOther) await entered;
    await ask(served.url); // the server has seen the other connection by now
    const closing = served.close();
    open();
    if (hasOther) assert.equal(await running, "through the gate", how);
    await closing;
    await ended;
  }
});

test("Served.close() lets a client send the rest of what is answered", guarded, async (t) => {
  const { name } = runtimeInfo();
  const reason = `${name} reads nothing after the answer`;
  if (
    skippedIf(
      name !== "node",
      "Served.close() lets a client send the rest of what is answered",
      reason,
    )
  ) return t.skip(reason);
  const { app, open, entered } = createGate();
  const served = await serve(app, { port: 0, drainMs: 1_000_000 });
  const socket = connect(served.port, "127.0.0.1").setEncoding("utf8");
  const ended = new Promise((resolve, reject) => socket.on("end", resolve).on("error", reject));
  socket.write("POST /gate HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2000\r\n\r\n");
  await entered;
  socket.write("x".repeat(1_000));
  const closing = served.close();
  let isClosed = false;
  void closing.then(() => isClosed = true);
  open();
  const [answer] = await once(socket, "data");
  assert.match(answer, /^HTTP\/1.1 200 /);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(isClosed, false);
  socket.write("x".repeat(1_000));
  await Promise.all([closing, ended]);
});

test("A request of HTTP/1.0 without a host is answered, or refused as such", guarded, async () => {
  await using server = await startServer();
  for (const path of ["/healthz", "/", "/api/stats"]) {
    const socket = connect(server.served.port, "127.0.0.1");
    socket.setEncoding("utf8").write(`GET ${path} HTTP/1.0\r\n\r\n`);
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    assert.match(answer, /^HTTP\/1\.[01] (200|400) /, path);
  }
  assert.deepEqual(server.errors, []);
});

test("A URL without a host is for no host that is served", () => {
  const request = { url: "/healthz", headers: new Headers() } as Request;
  assert.throws(() => new Guard({}).admit(request), { code: "forbidden_host" });
});

test(
  "Served.close() cuts a stream that does not end, and its source is told",
  guarded,
  async () => {
    let cancel = () => {};
    const cancelled = new Promise<void>((resolve) => cancel = resolve);
    const fetchStream = () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
          cancel,
        }),
      );
    const served = await serve({ fetch: fetchStream }, { port: 0, drainMs: 20 });
    const response = await fetch(served.url);
    const reader = response.body!.getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), "data: 1\n\n");
    await served.close();
    await cancelled;
    // Where the runtime tells the client at all, it is an end or an error, never more data.
    assert.ok(await reader.read().then(({ done }) => done, () => true));
  },
);

test("serve() closes when its signal aborts", guarded, async () => {
  const { app, open, entered } = createGate();
  const controller = new AbortController();
  const served = await serve(app, { port: 0, signal: controller.signal });
  const running = ask(`${served.url}/gate`);
  await entered;
  controller.abort();
  assert.equal(await ask(`${served.url}/`), "refused");
  open();
  assert.equal(await running, "through the gate");
  await served.close();

  const reason = new Error("not today");
  await assert.rejects(
    serve(app, { port: 0, signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
});

test("curl gets its answers", guarded, async (t) => {
  const { code: missing } = await runCommand("curl", ["--version"]);
  const reason = "curl is not on PATH";
  if (skippedIf(missing !== 0, "curl gets its answers", reason)) return t.skip?.(reason);
  await using server = await startServer();
  const curl = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCommand("curl", [
      "--silent",
      "--show-error",
      "--noproxy",
      "*",
      "--write-out",
      "\n%{http_code}",
      ...args,
    ]);
    assert.equal(code, 0, stderr);
    const [body, status] = [stdout.slice(0, -4), stdout.slice(-3)];
    return { status, body: JSON.parse(body) };
  };
  const json = ["--header", "content-type: application/json"];
  const job = `${server.url}/api/jobs/power`;
  const done = await curl(...json, "--data", '{"input":{"base":2,"exponent":64}}', job);
  assert.equal(done.status, "200");
  assert.equal(done.body.output.power, "18446744073709551616");
  const form = await curl("--data", "input=1", job);
  assert.equal(form.status, "415");
  const large = await curl(...json, "--data", "x".repeat(100_000), `${server.url}/api/jobs/echo`);
  assert.equal(large.status, "400");
  const expect = ["--header", "expect: 100-continue"];
  const asked = await curl(
    ...json,
    ...expect,
    "--data",
    '{"input":1}',
    `${server.url}/api/jobs/echo`,
  );
  assert.equal(asked.body.output, 1);
  assert.equal((await curl(`${server.url}/healthz`)).body.status, "ok");
});

test("A program that has served and closed ends by itself", guarded, async () => {
  const { code, stdout, stderr } = await runProgram("serve_and_close");
  assert.equal(stdout, `${runtimeInfo().name}: 3\n`, stderr);
  assert.equal(code, 0);
});

test("serve() names the package that Node needs", guarded, async () => {
  if (runtimeInfo().name !== "node") return;
  const hide = `export const resolve = (name, context, next) => {
    if (name !== "@hono/node-server") return next(name, context);
    throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
  };`;
  const toUrl = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
  const register = `import { register } from "node:module"; register(${
    JSON.stringify(toUrl(hide))
  });`;
  const { code, stdout, stderr } = await runProgram("serve_once", ["--import", toUrl(register)]);
  assert.equal(code, 0, stderr);
  const wanted = "ListenError: Cannot listen on 127.0.0.1:0 as Node needs the package " +
    '"@hono/node-server": run npm install @hono/node-server\n';
  assert.equal(stdout, wanted);
});
