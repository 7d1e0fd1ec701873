// serve.ts
import { Hono } from "hono";
import { createRouter } from "helixrouter";
import { createHttpApp, offload, overloadGuard, serve, tokenOf } from "helixrouter/http";
import jobs from "./jobs.ts";

const router = await createRouter({ jobs });
const api = createHttpApp(router); // the dashboard, and all of the paths below
const app = new Hono()
  .use("/primes", overloadGuard(router, { maxLoopLagMs: 100 })) // refuses early, any route
  .post("/primes", offload(router, "count_primes")) // body in, output out, drops as 503
  .route("/", api);

const served = await serve(app, { port: 0 }); // 8080 where it is left out
// http://127.0.0.1:PORT/#token=…, on any of the three runtimes: the dashboard takes its token from it
console.log(`${served.url}/#token=${tokenOf(api)}`);
