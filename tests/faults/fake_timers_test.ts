// Tests of users replace what tells the time and waits by fakes that stand still until they are told to
// move. The router does not: it has kept the real ones.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { createRouter, runtimeInfo, type Strategy } from "../../mod.ts";
import { assertNothingLeft } from "../fixtures/assert_counts.ts";
import basicJobs from "../fixtures/basic_jobs.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import { guarded } from "../fixtures/until.ts";

/** All that the fakes of sinon, vitest and jest replace, and a bit more. */
const FAKED = [
  ..."setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate".split(" "),
  ..."queueMicrotask performance Date MessageChannel".split(" "),
  ..."requestAnimationFrame cancelAnimationFrame requestIdleCallback cancelIdleCallback".split(" "),
];

class StillDate extends Date {
  static override now = () => 0;
}

const still: Readonly<Record<string, unknown>> = {
  performance: { now: () => 0, timeOrigin: 0 },
  Date: StillDate,
  MessageChannel: class {
    port1 = {};
    port2 = { postMessage() {} };
  },
};

/** Replaces all of them on the global object; returns what undoes it. */
function standStill(): () => void {
  const saved = FAKED.filter((name) => name in globalThis).map((name) =>
    [name, Object.getOwnPropertyDescriptor(globalThis, name)!] as const
  );
  for (const [name] of saved) {
    const value = still[name] ?? (() => ({ unref() {}, ref() {} }));
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return () => {
    for (const [name, descriptor] of saved) Object.defineProperty(globalThis, name, descriptor);
  };
}

/** One job through each lane, one more than a worker has at a time, a limit, and the end. */
async function useAll(transport: "shared_memory" | "messages"): Promise<void> {
  for (const strategy of ["inline", "spawn", "cpu_pool", "batch"] satisfies Strategy[]) {
    const policy = forcedPolicy(strategy);
    const router = await createRouter({ jobs: basicJobs, policy, transport, cpuParallelism: 1 });
    const outputs = [1, 2, 3].map((n) => router.run("heavy", { n }));
    assert.equal((await Promise.all(outputs)).length, 3, strategy);
    await router.drain();
    if (strategy === "cpu_pool") {
      const late = router.run("wait", { ms: 600_000 }, { abortAfterMs: 5 });
      await assert.rejects(late, { name: "JobTimeoutError" });
    }
    await router.close({ drainMs: 5 });
    assertNothingLeft(router.stats());
  }
}

for (const transport of ["shared_memory", "messages"] as const) {
  test(`globals that stand still stop no lane, by ${transport}`, guarded, async () => {
    const undo = standStill();
    try {
      await useAll(transport);
    } finally {
      undo();
    }
  });

  const { name } = runtimeInfo();
  const ofNode = `the mock timers of node:test stop no lane, by ${transport}`;
  const noMocks = skippedIf(name !== "node", ofNode, "Node alone has them");
  test(ofNode, { ...guarded, skip: noMocks }, async () => {
    mock.timers.enable();
    try {
      await useAll(transport);
    } finally {
      mock.timers.reset();
    }
  });

  const ofBun = `the fake timers of bun:test stop no lane, by ${transport}`;
  const noFakes = skippedIf(name !== "bun", ofBun, "Bun alone has them");
  test(ofBun, { ...guarded, skip: noFakes }, async () => {
    const { jest } = await import("bun:test" as string);
    jest.useFakeTimers();
    try {
      await useAll(transport);
    } finally {
      jest.useRealTimers();
    }
  });
}
