// Every way for a job, or its worker, to end on a page: as it comes without headers, isolated, and isolated
// with a strict security policy.
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "./engines/engine.ts";
import { ENGINES } from "./engines/engines.ts";
import type { OpenPage } from "./open_page.ts";
import { servePage } from "./served_page.ts";
import { HEADER_SETS } from "./static_server.ts";

type Check = (page: OpenPage) => Promise<void>;

/** Red, as a canvas tells it. */
const RED = [255, 0, 0, 255];

const checks: Readonly<Record<string, Check>> = {
  async "each lane runs its jobs where it should"(page) {
    const told = await page.run(async ({ createRouter, thresholdPolicy, jobs, worker }) => {
      const router = await createRouter({ jobs, worker, policy: thresholdPolicy() });
      const told: Record<string, unknown> = {};
      for (const kind of ["tiny", "small", "big", "many"] as const) {
        const outcome = await router.submit(kind, 41);
        told[kind] = outcome.status === "completed"
          ? `${outcome.strategy} ${outcome.output.sum} ${outcome.output.here ? "here" : "there"}`
          : outcome.reason;
      }
      await router.close();
      return told;
    });
    assert.deepEqual(told, {
      tiny: "inline 42 here",
      small: "spawn 42 here",
      big: "cpu_pool 42 there",
      many: "batch 42 there",
    });
  },

  async "what is too much is dropped, the rest is done"(page) {
    const told = await page.run(async ({ createRouter, thresholdPolicy, jobs, worker }) => {
      const policy = thresholdPolicy();
      const options = { cpuParallelism: 1, cpuQueueCapacity: 3 };
      const router = await createRouter({ jobs, worker, policy, ...options });
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, () => router.submit("nap", 20)),
      );
      await router.close();
      return outcomes.map((outcome) => outcome.status === "dropped" ? outcome.reason : "done");
    });
    // One runs, three wait.
    assert.deepEqual(told, [...Array(4).fill("done"), ...Array(4).fill("pool_saturated")]);
  },

  async "what a job throws arrives with its class"(page) {
    const told = await page.run(async ({ createRouter, JobFailedError, jobs, worker }) => {
      const router = await createRouter({ jobs, worker });
      const { cause, name } = await router.run("throws", "so be it").then(
        () => ({ cause: undefined, name: "none" }),
        (error) => error,
      );
      const uncloneable: unknown = await router.run("gives_function", null as never)
        .catch((error) => error);
      await router.close();
      return {
        name,
        isOurs: uncloneable instanceof JobFailedError,
        isTypeError: cause instanceof TypeError,
        message: cause?.message,
        stack: /jobs\.worker|chunk/.test(cause?.stack ?? ""),
        uncloneable: ((uncloneable as Error).cause as Error).name,
      };
    });
    assert.deepEqual(told, {
      name: "JobFailedError",
      isOurs: true,
      isTypeError: true,
      message: "so be it",
      stack: true,
      uncloneable: "DataCloneError",
    });
  },

  async "progress comes in order, before the output"(page) {
    const told = await page.run(async ({ createRouter, jobs, worker }) => {
      const router = await createRouter({ jobs, worker });
      const told: unknown[] = [];
      const onProgress = (value: unknown) => told.push(value);
      told.push(await router.run("reports", 3, { onProgress }));
      await router.close();
      return told;
    });
    assert.deepEqual(told, [{ i: 0 }, { i: 1 }, { i: 2 }, 3]);
  },

  async "an abort reaches a job that waits, one that listens, and a loop"(page) {
    const told = await page.run(async ({ createRouter, jobs, worker }) => {
      // A loop sees that it is aborted in memory that is shared, or loses its worker.
      const isShared = typeof SharedArrayBuffer === "function";
      const abortGraceMs = isShared ? Infinity : 50;
      const router = await createRouter({ jobs, worker, cpuParallelism: 1, abortGraceMs });
      const abortOf = async (kind: "waits" | "spins_until_aborted", until: Promise<unknown>) => {
        const controller = new AbortController();
        const job = router.run(kind, null, { signal: controller.signal });
        await until;
        controller.abort();
        return await job.then(() => "done", (error) => error.name);
      };
      const until = (isSo: () => boolean): Promise<void> =>
        new Promise((resolve) => {
          const look = () => isSo() ? resolve() : void setTimeout(look, 1);
          look();
        });
      const runs = () => until(() => router.stats().workers.busy === 1);
      const told = [await abortOf("waits", runs())];
      await router.run("tiny", 1); // its worker is free again
      const loop = abortOf("spins_until_aborted", runs());
      await runs();
      told.push(await abortOf("waits", Promise.resolve())); // it waits behind the loop
      told.push(await loop);
      const { sum } = await router.run("big", 1);
      const { started, crashed, lost } = router.stats().workers;
      await router.close();
      return { told, sum, started: started - (isShared ? 0 : 1), crashed, lost };
    });
    const told3 = ["AbortError", "AbortError", "AbortError"];
    assert.deepEqual(told, { told: told3, sum: 2, started: 1, crashed: 0, lost: 0 });
  },

  async "a run timeout ends an endless loop, and the next job runs"(page) {
    const told = await page.run(async ({ createRouter, jobs, worker }) => {
      const router = await createRouter({ jobs, worker, cpuParallelism: 1 });
      const name = await router.run("endless", null, { runTimeoutMs: 50 }).catch((error) =>
        error.name
      );
      const { sum } = await router.run("big", 1);
      const { lost } = router.stats().workers;
      await router.close();
      return { name, sum, lost };
    });
    assert.deepEqual(told, { name: "JobTimeoutError", sum: 2, lost: 0 });
  },

  async "a throw after a job's end costs its worker, and no job"(page) {
    const told = await page.run(async ({ createRouter, jobs, worker }) => {
      const router = await createRouter({ jobs, worker, cpuParallelism: 1 });
      const crash = new Promise<{ message: string; wasIdle: boolean }>((resolve) =>
        router.on("worker", (event) => {
          if (event.type !== "crashed") return;
          resolve({ message: event.error.message, wasIdle: event.wasIdle });
        })
      );
      const output = await router.run("throws_late", "too late");
      const { message, wasIdle } = await crash;
      const { sum } = await router.run("big", 1);
      await router.close();
      return { output, message, wasIdle, sum };
    });
    assert.match(told.message, /RangeError: too late/);
    assert.deepEqual({ ...told, message: "" }, {
      output: "too late",
      message: "",
      wasIdle: true,
      sum: 2,
    });
  },

  async "a worker that closes itself fails its job only"(page) {
    const told = await page.run(async ({ createRouter, jobs, worker }) => {
      const router = await createRouter({ jobs, worker, cpuParallelism: 1 });
      const job = router.run("closes", null as never).catch((error) => error.name);
      const next = router.run("big", 1);
      const told = [await job, (await next).sum];
      await router.run("closes_late", null as never);
      while (router.stats().workers.crashes.exit < 2) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      told.push((await router.run("big", 2)).sum);
      await router.close();
      return told;
    });
    assert.deepEqual(told, ["WorkerCrashedError", 2, 3]);
  },

  async "canvases, pictures and frames are moved"(page) {
    const told = await page.run(async ({ createRouter, pooled, jobs, worker }) => {
      const router = await createRouter({ jobs, worker, policy: pooled });
      const canvas = new OffscreenCanvas(4, 4);
      const { picture } = await router.run("draws", canvas as never);
      const bitmap = picture as unknown as ImageBitmap;
      const frame = new VideoFrame(bitmap, { timestamp: 0 });
      const told = {
        size: bitmap.width,
        ofFrame: await router.run("looks", frame as never),
        ofBitmap: await router.run("looks", bitmap as never),
        left: [canvas.width, bitmap.width, frame.codedWidth],
        drawn: [] as readonly number[],
        seen: [] as number[],
      };
      const element = document.querySelector("canvas")!;
      told.drawn = await router.run("draws_there", element.transferControlToOffscreen() as never);
      const copy = new OffscreenCanvas(4, 4).getContext("2d")!;
      // It is shown some frames later.
      for (let frame = 0; frame < 600 && told.seen[3] !== 255; frame++) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        copy.drawImage(element, 0, 0);
        told.seen = [...copy.getImageData(2, 2, 1, 1).data];
      }
      await router.close();
      return told;
    });
    // A frame is decoded from what is less exact than a picture.
    assert.ok(told.ofFrame[0] > 250 && told.ofFrame[1] < 5, `${told.ofFrame}`);
    assert.deepEqual({ ...told, ofFrame: RED }, {
      size: 4,
      ofFrame: RED,
      ofBitmap: RED,
      left: [0, 0, 0],
      drawn: RED,
      seen: RED,
    });
  },

  async "close() leaves no worker"(page) {
    const told = await page.run(async ({ createRouter, pooled, jobs, worker }) => {
      const options = { policy: pooled, minWorkers: 2, cpuParallelism: 2 };
      const router = await createRouter({ jobs, worker, ...options });
      // Each worker has a lock for as long as it lives.
      const held = async () => (await navigator.locks.query()).held!.map(({ name }) => name).sort();
      const names = ["first", "second"];
      const running = names.map((name) => router.run("locks", name).catch((error) => error.name));
      while ((await held()).length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
      const before = await held();
      await router.close({ drainMs: 0 });
      const settled = await Promise.all(running);
      while ((await held()).length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
      return { before, settled };
    });
    const closed = "RouterClosedError";
    assert.deepEqual(told, { before: ["first", "second"], settled: [closed, closed] });
    await until(() => !page.countWorkers());
  },
};

/** What the security policy of the page has forbidden on it, in a worker, and as the console has it. */
async function forbidden(page: OpenPage): Promise<string[]> {
  const told = await page.run(async ({ createRouter, pooled, jobs, worker, violations }) => {
    const router = await createRouter({ jobs, worker, policy: pooled });
    const ofWorker = await router.run("violations", null as never);
    await router.close();
    return [...violations, ...ofWorker];
  });
  return [...told, ...page.complaints.filter((text) => /security policy|trusted/i.test(text))];
}

/** Makes a worker as the policy forbids it; gives what is thrown. */
function makeByText(page: OpenPage): Promise<string> {
  return page.run(() => {
    try {
      new Worker("jobs.worker.js").terminate();
      return "nothing";
    } catch (error) {
      return (error as Error).name;
    }
  });
}

for (const engine of ENGINES) {
  const name = `jobs on a page, ${engine.name}`;
  const skip = engine.skipped(name);
  test(name, { skip, timeout: 120_000, concurrency: 3 }, async (t) => {
    await using browser = await engine.start();
    await using server = await servePage();
    const sets = ["plain", "isolated", "strict"] as const;
    await Promise.all(sets.map((headers) =>
      t.test(headers, { concurrency: 1 }, async (t) => {
        await using page = await browser.open(server, headers);
        for (const [name, check] of Object.entries(checks)) await t.test(name, () => check(page));
        await t.test("memory is shared on an isolated page", async () => {
          const [isShared, isIsolated] = await page.run(() =>
            [typeof SharedArrayBuffer === "function", crossOriginIsolated] as const
          );
          assert.equal(isIsolated, headers !== "plain");
          assert.equal(isShared, isIsolated && engine.sharesMemory);
        });
        await t.test("nothing was forbidden", async () => {
          assert.deepEqual(await forbidden(page), []);
          const isStrict = "content-security-policy" in HEADER_SETS[headers];
          assert.equal(await makeByText(page), isStrict ? "TypeError" : "nothing");
          assert.equal(
            (await forbidden(page)).length > 0,
            isStrict,
            "what is forbidden is noticed",
          );
        });
      })
    ));
  });
}
