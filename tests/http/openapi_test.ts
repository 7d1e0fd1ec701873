// GET /openapi.json and GET /docs: what is served, for programs and for people.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hono } from "hono";
import { hc } from "hono/client";
import { z } from "zod";
import { createRouter, optionTable, type StandardSchema } from "../../mod.ts";
import { createHttpApp, ERROR_CODES, type HttpApp, serve } from "../../src/http/mod.ts";
import { defineJobs } from "../../src/define/jobs.ts";
import { guarded } from "../fixtures/until.ts";
import { root } from "../structure/source_tree.ts";
import { startServer } from "./fixtures/test_server.ts";

const { commentsOfOptions } = await import(new URL(".ci/option_table.mjs", root).href);

// deno-lint-ignore no-explicit-any
type Json = any;

interface Tree {
  name: string;
  children: Tree[];
}

const tree: z.ZodType<Tree> = z.object({
  name: z.string(),
  get children() {
    return z.array(tree);
  },
});

/** A Standard Schema that takes all; `jsonSchema` is what it tells of itself. */
function schemaThatTells(jsonSchema: unknown): StandardSchema {
  const standard = { version: 1, vendor: "own", validate: (value: unknown) => ({ value }) };
  return { "~standard": { ...standard, version: 1, ...(jsonSchema as object) } };
}

async function documentOf(schema: StandardSchema | undefined, name = "kind"): Promise<Json> {
  const jobs = defineJobs({ [name]: { cost: 1, input: schema, run: (_: unknown): number => 0 } });
  await using router = await createRouter({ jobs });
  return await (await createHttpApp(router).request("/openapi.json")).json();
}

/** Every `$ref` of a document must lead to something in it. */
function assertReferences(document: Json, part: Json = document): void {
  if (typeof part !== "object" || part === null) return;
  if (typeof part.$ref === "string") {
    const keys: string[] = part.$ref.split("/").slice(1);
    const found = keys.reduce((value, key) => value?.[key], document);
    assert.ok(found !== undefined, `${part.$ref} leads nowhere`);
  }
  for (const value of Object.values(part)) assertReferences(document, value);
}

test("GET /openapi.json has the paths of every kind, with its schema", guarded, async () => {
  await using server = await startServer();
  const client = hc<HttpApp>(server.url);
  const document: Json = await (await client["openapi.json"].$get()).json();
  assert.equal(document.openapi, "3.1.0");
  for (const kind of server.router.kinds) {
    const path = `/api/jobs/${encodeURIComponent(kind)}`;
    assert.deepEqual(Object.keys(document.paths[path]), ["post"]);
    assert.deepEqual(Object.keys(document.paths[`${path}/batch`]), ["post"]);
  }
  assert.deepEqual(document.components.schemas["Input.add"], {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "number" } },
    required: ["a", "b"],
    additionalProperties: false,
  });
  assert.deepEqual(document.components.schemas["Input.echo"], {});
  assert.deepEqual(
    document.components.schemas.Error.properties.error.properties.code.enum,
    [...ERROR_CODES],
  );
  for (const name of Object.keys(document.components.schemas)) assert.match(name, /^[\w.-]+$/);
  assertReferences(document);
});

test("GET /openapi.json leaves no path out", guarded, async () => {
  await using server = await startServer();
  const app = createHttpApp(server.router);
  const document: Json = await (await app.request("/openapi.json")).json();
  const own = /^\/(openapi\.json|docs.*|assets.*|\*?)$/;
  const paths = new Set(app.routes.map(({ path }) => path).filter((path) => !own.test(path)));
  assert.ok(paths.size > 3);
  for (const path of paths) {
    const wanted = path.replace(":kind", path.startsWith("/api/jobs/") ? "add" : "{kind}");
    assert.ok(wanted in document.paths, `${path} is not in the document`);
  }
  // And it names none there is not, nor a method that the path does not take.
  for (const [path, operations] of Object.entries(document.paths)) {
    const own = path.replace("{kind}", "add");
    const refused = await app.request(own, { method: "DELETE" });
    assert.equal(refused.status, 405, path);
    const taken = refused.headers.get("allow")!.toLowerCase().replace("get, head", "get");
    assert.deepEqual(Object.keys(operations as object), taken.split(", "), path);
  }
});

test("GET /openapi.json says where the token is needed", guarded, async () => {
  await using server = await startServer();
  const documentOf = async (app: HttpApp, token = "") =>
    await (await app.request("/openapi.json", {
      headers: { authorization: `Bearer ${token}` },
    })).json() as Json;
  const operationsOf = (document: Json): [string, Json][] =>
    Object.entries<Json>(document.paths).flatMap(([path, operations]) =>
      Object.entries<Json>(operations)
        .map(([method, operation]): [string, Json] => [`${method} ${path}`, operation])
    );
  const guardedBy = (document: Json) =>
    operationsOf(document).filter(([, { security }]) => security.length > 0);
  const open = await documentOf(server.app);
  assert.deepEqual(guardedBy(open).map(([name]) => name), ["patch /api/config", "post /api/demo"]);
  const closed = await documentOf(createHttpApp(server.router, { token: "abc" }), "abc");
  const free = operationsOf(closed).length - guardedBy(closed).length;
  assert.equal(free, 2, "health");
  assert.equal(closed.components.securitySchemes.token.scheme, "bearer");
  for (const [name, { security, responses }] of [...guardedBy(open), ...guardedBy(closed)]) {
    assert.deepEqual(security, [{ token: [] }]);
    assert.ok("401" in responses && "403" in responses, name);
  }
});

test("GET /openapi.json names what of the configuration may be changed", guarded, async () => {
  await using server = await startServer();
  const document = await (await server.app.request("/openapi.json")).json() as Json;
  const comments = await commentsOfOptions();
  const { Config, ConfigChange } = document.components.schemas;
  const names = Object.keys(server.router.config());
  assert.deepEqual(Object.keys(ConfigChange.properties), names);
  assert.deepEqual(Config.properties.writable.items.enum, names);
  assert.deepEqual(Config.properties.config.required, names.filter((name) => name !== "policy"));
  assert.equal(ConfigChange.additionalProperties, false);
  assert.ok(!("required" in ConfigChange), "a change may leave anything out");
  for (const { name, range } of Object.values(optionTable)) {
    const schema = ConfigChange.properties[name];
    if (!names.includes(name)) assert.equal(schema, undefined, name);
    else if (range !== undefined) {
      const meaning = schema.description.replace(/(; null: no limit)?\.$/, "");
      assert.ok(comments.get(name).startsWith(meaning), name);
      const [number, nothing] = schema.anyOf ?? [schema];
      assert.equal(nothing?.type, range.orInfinity ? "null" : undefined, name);
      const { type, minimum, maximum } = number;
      const wanted = [range.integer ? "integer" : "number", range.min, range.max];
      assert.deepEqual([type, minimum, maximum], wanted, name);
    }
  }
});

test("GET /openapi.json tells schemas of zod, also those that refer to themselves", async () => {
  const document = await documentOf(tree);
  const schema = document.components.schemas["Input.kind"];
  assert.equal(schema.properties.name.type, "string");
  assert.equal(schema.properties.children.items.$ref, "#/components/schemas/Input.kind");
  assertReferences(document);
  // What goes in, not what comes out; what JSON has no word for is left open.
  const object = z.object({ on: z.boolean().default(true), at: z.date() });
  const { properties, required } = (await documentOf(object)).components.schemas["Input.kind"];
  assert.deepEqual(properties, { on: { type: "boolean", default: true }, at: {} });
  assert.deepEqual(required, ["at"]);
});

test("GET /openapi.json tells schemas of others that tell of themselves", async () => {
  const data = { $ref: "#/no/reference" };
  const told = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $defs: { default: { type: "string" } },
    properties: { $ref: { $ref: "#/$defs/default" }, enum: { $ref: "https://example.com/x" } },
    default: data,
  };
  const input = ({ target }: { target: string }) => target === "draft-2020-12" ? told : undefined;
  const schema = schemaThatTells({ jsonSchema: { input } });
  assert.deepEqual((await documentOf(schema, "odd kind")).components.schemas["InputOfKind.0"], {
    $defs: { default: { type: "string" } },
    properties: {
      $ref: { $ref: "#/components/schemas/InputOfKind.0/$defs/default" },
      enum: { $ref: "https://example.com/x" },
    },
    default: data,
  });
  for (const says of [{}, { vendor: "zod" }, { jsonSchema: { input: () => fail() } }]) {
    const document = await documentOf(schemaThatTells(says));
    assert.deepEqual(document.components.schemas["Input.kind"], {});
  }
});

function fail(): never {
  throw new Error("cannot be told");
}

test("GET /docs is a page that needs nothing from elsewhere", guarded, async () => {
  await using server = await startServer();
  const parent = new Hono().route("/helix", createHttpApp(server.router));
  await using served = await serve(parent, { port: 0 });
  for (const base of [`${server.url}/`, `${served.url}/helix/`]) {
    const response = await fetch(`${base}docs`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.match(policy, /^default-src 'none'; style-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|https?:/);
    const page = await response.text();
    assert.doesNotMatch(page, /<script|style=|https?:|\son\w+=/);
    for (const kind of ["add", "echo_in_worker", "odd &quot;name&quot;"]) {
      assert.ok(page.includes(kind));
    }
    assert.match(page, /&quot;additionalProperties&quot;: false/);
    assert.match(page, /helix-latency-budget-ms/);
    assert.doesNotMatch(page, /helix-compute-cost|scalingPotential/);
    // Each link leads somewhere.
    const links = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link]) => link);
    assert.deepEqual(links, ["docs/style.css", "openapi.json"]);
    for (const link of links) {
      const found = await fetch(new URL(link, response.url));
      assert.equal(found.status, 200, link);
      await found.text();
    }
    const style = await fetch(`${base}docs/style.css`);
    assert.equal(style.headers.get("content-type"), "text/css; charset=utf-8");
    assert.doesNotMatch(await style.text(), /url\(|@import/);
  }
});

test("GET /docs writes what it is told as text", async () => {
  const schema = z.string().describe("<img src=x onerror=alert(1)>");
  const jobs = defineJobs({ "<b>bold</b>": { cost: 1, input: schema, run: (_: string) => 0 } });
  await using router = await createRouter({ jobs });
  const page = await (await createHttpApp(router).request("/docs")).text();
  assert.doesNotMatch(page, /<b>|<img/);
  assert.match(page, /&lt;b&gt;bold/);
});
