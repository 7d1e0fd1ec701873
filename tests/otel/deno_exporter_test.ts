import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runtimeInfo } from "../../mod.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import { guarded, until } from "../fixtures/until.ts";
import { type OtlpSpan, startReceiver } from "./otlp_receiver.ts";

const title = "Deno's own exporter sends the spans and metrics of a router";
const skip = skippedIf(
  runtimeInfo().name !== "deno",
  title,
  "only Deno has an exporter of its own",
);

test(title, { ...guarded, skip }, async () => {
  const receiver = await startReceiver();
  const program = fileURLToPath(new URL("programs/exported.ts", import.meta.url));
  const child = spawn(process.execPath, ["run", "--allow-read", program], {
    stdio: ["pipe", "inherit", "inherit"],
    env: {
      ...process.env,
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_METRIC_EXPORT_INTERVAL: "50",
    },
  });
  const exited = new Promise<number | null>((resolve) => child.on("exit", resolve));
  try {
    await until(() => receiver.metrics.has("helix.workers") || child.exitCode !== null);
    child.stdin.end();
    assert.equal(await exited, 0);
  } finally {
    child.kill("SIGKILL");
    receiver.close();
  }
  for (const name of ["helix.jobs", "helix.job.run.duration", "helix.queue.depth"]) {
    assert.ok(receiver.metrics.has(name), name);
  }
  const { spans } = receiver;
  const named = (name: string): OtlpSpan[] => spans.filter((span) => span.name === name);
  const [caller] = named("caller");
  assert.deepEqual(new Set(spans.map(({ traceId }) => traceId)), new Set([caller.traceId]));
  assert.equal(named("helix.submit").length, 3);
  for (const { parentSpanId } of named("helix.submit")) assert.equal(parentSpanId, caller.spanId);
  const runs = named("helix.run").map(({ spanId }) => spanId).sort();
  assert.equal(runs.length, 3);
  assert.deepEqual(named("own").map(({ parentSpanId }) => parentSpanId).sort(), runs);
});
