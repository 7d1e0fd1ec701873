// Streams and message ports are transferred or not sent at all: on each lane that clones, by both transports,
// a job that does not name what it gives out is told so, and how to.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRouter,
  JobFailedError,
  type RouterOptions,
  runtimeInfo,
  type Strategy,
} from "../../mod.ts";
import { assertNothingLeft } from "../fixtures/assert_counts.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import jobs, { makeStream, STREAM_NAMES } from "../fixtures/stream_jobs.ts";
import { guarded } from "../fixtures/until.ts";

const onBun = runtimeInfo().name === "bun";

const ways: readonly (readonly [Strategy, Partial<RouterOptions>])[] = [
  ["inline", { clone: "always" }],
  ["spawn", { clone: "always" }],
  ["cpu_pool", { transport: "auto" }],
  ["cpu_pool", { transport: "messages" }],
  ["batch", { transport: "auto", batchMaxSize: 1 }],
  ["batch", { transport: "messages", batchMaxSize: 1 }],
];

/** A failure because of what cannot be sent, with this in its message. */
function failed(what: string, cure = ""): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof JobFailedError, String(error));
    const { name, message } = error.cause as Error;
    assert.equal(name, "DataCloneError");
    assert.ok(message.startsWith(`${what} of the job cannot be sent: `), message);
    assert.ok(message.includes(cure), message);
    return true;
  };
}

for (const [lane, options] of ways) {
  const title = `${lane} ${Object.values(options).join(" ")}`;
  const open = () =>
    createRouter({ jobs, policy: forcedPolicy(lane), cpuParallelism: 1, ...options });

  test(`${title}: a stream that is not named fails with how to name it`, guarded, async () => {
    const router = await open();
    for (const name of STREAM_NAMES) {
      const unnamed = failed("Output", 'must be named in "transferOutput"');
      await assert.rejects(router.run("unnamed", name), unnamed);
      if (lane !== "batch") await assert.rejects(router.run("inside", name), unnamed);
      const input = failed("Input", 'must be named in "transfer"');
      await assert.rejects(router.run("take", makeStream(name)), input);
    }
    await router.close();
    assertNothingLeft(router.stats());
  });

  if (lane === "batch") continue;

  test(`${title}: one that is named arrives, where the runtime can`, guarded, async () => {
    const router = await open();
    for (const name of STREAM_NAMES) {
      if (onBun && name !== "MessagePort") {
        await assert.rejects(router.run("named", name), failed("Output", "(not on Bun)"));
        continue;
      }
      const output = await router.run("named", name);
      assert.ok(output instanceof globalThis[name], String(output));
      if (output instanceof ReadableStream) {
        assert.deepEqual(await output.getReader().read(), { done: false, value: "text" });
      }
      if (output instanceof MessagePort) output.close();
    }
    await router.close();
    assertNothingLeft(router.stats());
  });
}

for (const transport of ["auto", "messages"] as const) {
  test(`a stream as progress fails the job that reports it: ${transport}`, guarded, async () => {
    const router = await createRouter({ jobs, policy: forcedPolicy("cpu_pool"), transport });
    const onProgress = () => {};
    for (const name of STREAM_NAMES) {
      await assert.rejects(router.run("report", name, { onProgress }), failed("Progress"));
    }
    await router.close();
    assertNothingLeft(router.stats());
  });
}
