// What a body may be, and what becomes of one that may not.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { test } from "node:test";
import { Hono } from "hono";
import { createHttpApp, serve } from "../../src/http/mod.ts";
import { parseJson } from "../../src/http/requests/parse_json.ts";
import { guarded, until } from "../fixtures/until.ts";
import { startServer } from "./fixtures/test_server.ts";

async function codeOf(response: Response): Promise<string> {
  return `${response.status} ${(await response.json()).error?.code}`;
}

/** A body in pieces, which is sent without its length. */
function streamOf(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let i = 0; i < text.length; i += 64) {
        controller.enqueue(new TextEncoder().encode(text.slice(i, i + 64)));
      }
      controller.close();
    },
  });
}

test("A body must be said to be JSON", guarded, async () => {
  await using server = await startServer();
  const body = '{"input":1}';
  for (const type of ["application/json", "application/json; charset=utf-8", "Application/JSON"]) {
    const response = await server.post("echo", body, { headers: { "content-type": type } });
    assert.equal(response.status, 200);
    await response.text();
  }
  // A form, or a text, is what a page of another site can post without asking.
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"]) {
    const response = await server.post("echo", body, { headers: { "content-type": type } });
    assert.equal(await codeOf(response), "415 unsupported_media_type");
  }
  const untyped = await server.post("echo", body, { headers: {}, body: Buffer.from(body) });
  assert.equal(await codeOf(untyped), "415 unsupported_media_type");
});

test("A body must be JSON in UTF-8", guarded, async () => {
  await using server = await startServer();
  const wrong: (string | Uint8Array<ArrayBuffer>)[] = [
    "",
    " ",
    "{",
    "{'input':1}",
    '{"input":1}{}',
    '{"input":NaN}',
    "\u0000",
    Uint8Array.from([0x22, 0xff, 0x22]),
    Uint8Array.from([0x22, 0xed, 0xa0, 0x80, 0x22]), // half of a surrogate pair
  ];
  for (const body of wrong) {
    const response = await server.post("echo", "", { body });
    assert.equal(await codeOf(response), "400 invalid_json");
  }
});

test("A body must not be too large, with or without its length told", guarded, async () => {
  await using server = await startServer({ http: { maxBodyBytes: 1_000 } });
  const bodyOf = (bytes: number) => `{"input":"${"x".repeat(bytes - 12)}"}`;
  for (const [bytes, wanted] of [[1_000, 200], [1_001, 413], [100_000, 413]]) {
    const text = bodyOf(bytes);
    const whole = await server.post("echo", text);
    assert.equal(whole.status, wanted);
    await whole.text();
    const init = { body: streamOf(text), duplex: "half" } as RequestInit;
    const chunked = await server.post("echo", "", init);
    assert.equal(chunked.status, wanted);
    assert.equal((await chunked.json()).error?.code, wanted === 413 ? "too_large" : undefined);
  }
});

test("A body may have 1 MiB when nothing else is said", guarded, async () => {
  await using server = await startServer();
  const body = `{"input":"${"x".repeat(1_048_576 - 12)}"}`;
  assert.equal(body.length, 1_048_576);
  const fits = await server.post("echo", body);
  assert.equal(fits.status, 200);
  assert.equal((await fits.json()).output.length, 1_048_576 - 12);
  assert.equal(await codeOf(await server.post("echo", body + " ")), "413 too_large");
});

test("A body that lies about its length is still measured", async () => {
  await using server = await startServer();
  const app = createHttpApp(server.router, { maxBodyBytes: 100 });
  const response = await app.request("/api/jobs/echo", {
    method: "POST",
    headers: { "content-type": "application/json", "content-length": "5" },
    body: JSON.stringify({ input: "x".repeat(1_000) }),
  });
  assert.equal(await codeOf(response), "413 too_large");
});

function hexOf(letter: string): string {
  return letter.charCodeAt(0).toString(16);
}

test("Keys that change prototypes are refused and do no harm", guarded, async () => {
  await using server = await startServer();
  const harmful = [
    '{"input":{"__proto__":{"polluted":1}}}',
    '{"input":{"\\u005f_proto__":{"polluted":1}}}',
    '{"input":[{"x":{"__proto__":null}}]}',
    '{"input":{"constructor":{"prototype":{"polluted":1}}}}',
    '{"input":{"con\\u0073tructor":{"prot\\u006ftype":{"polluted":1}}}}',
    '{"__proto__":{"input":1}}',
    '{"input":{},"hints":{"__proto__":{"priority":1}}}',
  ];
  for (const letter of new Set("proto")) {
    for (const hex of [hexOf(letter), hexOf(letter).toUpperCase()]) {
      const key = `__${"proto".replace(letter, `\\u00${hex}`)}__`;
      harmful.push(`{"input":{"${key}":{"polluted":1}}}`);
    }
  }
  for (const body of harmful) {
    assert.equal(await codeOf(await server.post("merge", body)), "400 invalid_json");
  }
  const harmless = [
    '{"input":{"text":"__proto__","constructor":"Acme","prototype":{"x":1}}}',
    '{"input":{"proto":{"constructor":{"name":"x"}},"escape":"\\u0041"}}',
  ];
  for (const body of harmless) {
    const response = await server.post("echo", body);
    assert.equal(response.status, 200);
    assert.deepEqual((await response.json()).output, JSON.parse(body).input);
  }
  assert.ok(!("polluted" in {}));
});

test("Escapes that hide no key that is refused cost nothing", () => {
  const { parse } = JSON;
  const slow: string[] = [];
  JSON.parse = (text, reviver) => {
    if (reviver !== undefined) slow.push(text);
    return parse(text, reviver);
  };
  try {
    for (const plain of ['{"a":"\\u00e9\\u000a\\ud83d\\ude00"}', '["\\u0071\\u7070"]']) {
      parseJson(plain);
    }
    assert.deepEqual(slow, []);
    parseJson('["\\u0070"]');
    assert.equal(slow.length, 1);
  } finally {
    JSON.parse = parse;
  }
});

test("A body must not be nested too deep, brackets in strings aside", guarded, async () => {
  await using server = await startServer();
  const nested = (levels: number) => `{"input":${"[".repeat(levels)}${"]".repeat(levels)}}`;
  for (const kind of ["echo", "echo_in_worker"]) {
    const fits = await server.post(kind, nested(199));
    assert.equal(fits.status, 200);
    await fits.text();
    for (const body of [nested(200), nested(400_000), '{"a":'.repeat(100_000)]) {
      assert.equal(await codeOf(await server.post(kind, body)), "400 invalid_json");
    }
    const text = { input: `\\"${"[{".repeat(500)}\\` };
    const string = await server.post(kind, text);
    assert.equal((await string.json()).output, text.input);
  }
});

test("A body that a middleware has read before is still there", guarded, async () => {
  await using server = await startServer();
  const app = new Hono()
    .use(async (c, next) => {
      assert.deepEqual(await c.req.json(), { input: [1] });
      await next();
    })
    .route("/", createHttpApp(server.router));
  await using served = await serve(app, { port: 0 });
  for (const body of ['{"input":[1]}', streamOf('{"input":[1]}')]) {
    const init = { body, duplex: "half", headers: { "content-type": "application/json" } };
    const url = `${served.url}/api/jobs/echo`;
    const response = await fetch(url, { method: "POST", ...init } as RequestInit);
    assert.deepEqual((await response.json()).output, [1]);
  }
});

test("A client that goes away within its body is no error", guarded, async () => {
  await using server = await startServer();
  const { hostname, port } = server.served;
  const head = "POST /api/jobs/echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
  for (const rest of ["content-length: 100", "transfer-encoding: chunked"]) {
    await new Promise<void>((resolve) => {
      const socket = connect(port, hostname, () => {
        socket.write(`${head}${rest}\r\n\r\n`);
        socket.write(
          rest.startsWith("transfer") ? '5\r\n{"inp\r\n' : '{"inp',
          () => socket.destroy(),
        );
      });
      socket.on("close", () => resolve());
    });
  }
  const next = await server.post("echo", { input: 1 });
  assert.equal(next.status, 200);
  await next.text();
  await server.served.close();
  await until(() => server.router.stats().inFlight === 0);
  assert.deepEqual(server.errors, []);
});
