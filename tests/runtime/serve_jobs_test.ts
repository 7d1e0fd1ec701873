import assert from "node:assert/strict";
import { test } from "node:test";
import { serveJobs } from "../../workers/serve.ts";
import basicJobs from "../fixtures/basic_jobs.ts";

test("serveJobs() throws outside a worker", () => {
  assert.throws(() => serveJobs(basicJobs), {
    name: "TypeError",
    message: "Cannot serve jobs as this is not a worker",
  });
});
