// overloadGuard(): a middleware in an app that is not ours, on a server that listens.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hono } from "hono";
import { overloadGuard, type OverloadGuardOptions, serve } from "../../src/http/mod.ts";
import { guarded, until } from "../fixtures/until.ts";
import { startServer, type TestServer } from "./fixtures/test_server.ts";

/** An app with a route behind a guard; `reached` counts how often it was asked. */
async function startGuarded({ router }: TestServer, options?: OverloadGuardOptions) {
  let reached = 0;
  const app = new Hono()
    .use("/guarded", overloadGuard(router, options))
    .get("/guarded", (c) => {
      reached++;
      return c.text("here");
    })
    .get("/free", (c) => c.text("here"));
  const served = await serve(app, { port: 0 });
  return {
    ask: (path = "/guarded") => fetch(served.url + path),
    reached: () => reached,
    [Symbol.asyncDispose]: () => served.close(),
  };
}

async function assertRefused(response: Response): Promise<void> {
  assert.equal(response.status, 503);
  assert.match(response.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  assert.equal((await response.json()).error.code, "overloaded");
}

async function assertPassed(response: Response): Promise<void> {
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "here");
}

test("overloadGuard() refuses while the pool is saturated", guarded, async () => {
  await using server = await startServer({ cpuQueueCapacity: 2 });
  const { router } = server;
  await using app = await startGuarded(server, { maxLoopLagMs: Infinity });
  await assertPassed(await app.ask());
  const controllers = [1, 2, 3].map(() => new AbortController());
  const held: Promise<unknown>[] = [];
  for (const { signal } of controllers) {
    held.push(router.submit("hold", null, { signal }).catch(() => {}));
    await until(() => router.load.poolRunning === 1);
  }
  await until(() => router.load.poolWaiting === 2);
  await assertRefused(await app.ask());
  await assertPassed(await app.ask("/free"));
  assert.equal(app.reached(), 1);
  controllers[2].abort();
  await held[2];
  await assertPassed(await app.ask());
  for (const controller of controllers) controller.abort();
  await Promise.all(held);
});

test("overloadGuard() looks at how full the queue is, and may leave it", guarded, async () => {
  await using server = await startServer({ cpuQueueCapacity: 4 });
  const { router } = server;
  await using half = await startGuarded(server, { maxPoolFill: 0.5, maxLoopLagMs: Infinity });
  await using never = await startGuarded(server, { maxPoolFill: Infinity, maxLoopLagMs: Infinity });
  const controller = new AbortController();
  const { signal } = controller;
  const held = [1, 2, 3].map(() => router.submit("hold", null, { signal }).catch(() => {}));
  await until(() => router.load.poolWaiting === 2);
  await assertRefused(await half.ask());
  await assertPassed(await never.ask());
  controller.abort();
  await Promise.all(held);
});

test("overloadGuard() refuses while too many jobs are in flight", guarded, async () => {
  await using server = await startServer();
  const { router } = server;
  await using app = await startGuarded(server, { maxInFlight: 2, maxLoopLagMs: Infinity });
  const controller = new AbortController();
  const { signal } = controller;
  const first = router.submit("hold", null, { signal }).catch(() => {});
  await assertPassed(await app.ask());
  const second = router.submit("hold", null, { signal }).catch(() => {});
  await assertRefused(await app.ask());
  controller.abort();
  await Promise.all([first, second]);
  await until(() => router.load.inFlight === 0);
  await assertPassed(await app.ask());
});

test("overloadGuard() refuses while the event loop is late, then no longer", guarded, async () => {
  await using server = await startServer();
  // What makes it late is the app's own work: the router has nothing to do.
  const busy = (ms: number): void => {
    for (const end = performance.now() + ms; performance.now() < end;);
  };
  let reached = 0;
  const app = new Hono()
    .use(overloadGuard(server.router, { maxLoopLagMs: 300 }))
    .get("/", (c) => c.text(`${++reached}`));
  const ask = async () => (await app.request("/")).status;
  while (await ask() !== 200) await new Promise((resolve) => setTimeout(resolve, 1));
  busy(800);
  const before = reached;
  await assertRefused(await app.request("/"));
  assert.equal(reached, before);
  while (await ask() !== 200) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.ok(reached > before);
});

test("overloadGuard() refuses wrong options", async () => {
  await using server = await startServer();
  const wrong: [string, unknown[], string][] = [
    ["maxLoopLagMs", [0, -1, NaN, "5"], "a number of ms above 0, or Infinity"],
    ["maxInFlight", [0, 1.5, NaN, "5"], "an integer >= 1 or Infinity"],
    ["maxPoolFill", [0, -1, NaN, "5"], "a number above 0, or Infinity"],
  ];
  for (const [name, values, wanted] of wrong) {
    for (const value of values) {
      assert.throws(() => overloadGuard(server.router, { [name]: value }), {
        name: "RangeError",
        message: `Cannot create overload guard as "${name}" must be ${wanted}: received ${value}`,
      });
    }
  }
});
