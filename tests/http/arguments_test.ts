// Of what createHttpApp(), offload(), overloadGuard() and serve() are called with: names, and a router.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, InvalidOptionError } from "../../mod.ts";
import { defineJobs } from "../../src/define/jobs.ts";
import { createHttpApp, offload, overloadGuard, serve } from "../../src/http/mod.ts";
import { startServer } from "./fixtures/test_server.ts";

test("all that take options refuse an unknown one, and name those that are known", async () => {
  await using server = await startServer();
  const { app, router } = server;
  const wrong = { budget: 3 } as never;
  const calls: [string, string, () => unknown][] = [
    ["create HTTP app", "allowedHosts, allowedOrigins", () => createHttpApp(router, wrong)],
    ["offload", "hints, input", () => offload(router, "add", wrong)],
    ["create overload guard", "maxInFlight, maxLoopLagMs", () => overloadGuard(router, wrong)],
    ["serve", "drainMs, hostname", () => serve(app, wrong)],
  ];
  for (const [action, known, call] of calls) {
    await assert.rejects(async () => await call(), (error) => {
      assert.ok(error instanceof InvalidOptionError, String(error));
      assert.equal(error.option, "budget");
      const told = `Cannot ${action} as "budget" must be one of the options ${known}, `;
      assert.ok(error.message.startsWith(told), error.message);
      return true;
    });
  }
  await assert.rejects(serve(app, "port" as never), {
    message: 'Cannot serve as "options" must be an object: received "port"',
  });
  const left: object = { budget: undefined };
  offload(router, "add", left);
});

test("what is no router is refused, with how to call it", async () => {
  const calls: [string, (router: never) => unknown][] = [
    ["createHttpApp(router)", (router) => createHttpApp(router)],
    ["offload(router, kind)", (router) => offload(router, "add" as never)],
    ["overloadGuard(router)", (router) => overloadGuard(router)],
  ];
  for (const [usage, call] of calls) {
    for (const none of ["burn", undefined, null, {}]) {
      assert.throws(() => call(none as never), (error) => {
        assert.ok(error instanceof InvalidOptionError, String(error));
        assert.equal(error.wanted, `what "await createRouter(…)" gives, as in ${usage}`);
        return true;
      });
    }
  }
  const jobs = defineJobs({ add: { run: () => 0 } });
  const unawaited = createRouter({ jobs });
  for (const [, call] of calls) {
    assert.throws(() => call(unawaited as never), /await createRouter\(…\)/);
  }
  await (await unawaited).close();
});
