// serve.ts
import { Hono } from "hono";
import { createRouter } from "helixrouter";
import { createHttpApp, offload, overloadGuard, serve } from "helixrouter/http";
import jobs from "./jobs.ts";

const router = await createRouter({ jobs });
const app = new Hono()
  .use("/primes", overloadGuard(router, { maxLoopLagMs: 100 })) // refuses early, any route
  .post("/primes", offload(router, "count_primes")) // body in, output out, drops as 503
  .route("/", createHttpApp(router)); // the dashboard, and all of the paths below

const served = await serve(app, { port: 0 }); // 8080 where it is left out
console.log(served.url); // http://127.0.0.1:PORT, on any of the three runtimes
