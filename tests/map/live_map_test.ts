// router.map() with real workers, over real files.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  adaptivePolicy,
  createRouter,
  type HelixRouter,
  type KindsOf,
  type Policy,
} from "../../mod.ts";
import { assertCountsAddUp, assertNothingLeft } from "../fixtures/assert_counts.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import markdownJobs, { toPage } from "../fixtures/markdown_jobs.ts";
import { guarded, until } from "../fixtures/until.ts";
import { root } from "../structure/source_tree.ts";

type MarkdownRouter = HelixRouter<KindsOf<typeof markdownJobs>>;

const FILES = 2_000;

/** Writes so many Markdown files, made of the sections of this repository's documents. */
function writeFiles(folder: string): string[] {
  const sections = ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/laboratory.md"]
    .flatMap((path) => readFileSync(new URL(path, root), "utf8").split(/^(?=## )/m));
  return Array.from({ length: FILES }, (_, index) => {
    const count = 1 + index % 4;
    const text = Array.from({ length: count }, (_, i) => sections[(index + i) % sections.length]);
    const path = join(folder, `${index}.md`);
    writeFileSync(path, `# File ${index}\n\n${text.join("\n")}`);
    return path;
  });
}

async function withRouter(
  body: (router: MarkdownRouter) => Promise<void>,
  policy: Policy = adaptivePolicy(),
): Promise<void> {
  const router = await createRouter({
    jobs: markdownJobs,
    policy,
    cpuParallelism: 2,
    minWorkers: 2,
    cpuQueueCapacity: 4,
  });
  try {
    await body(router);
    await router.drain();
    assertCountsAddUp(router.stats());
  } finally {
    await router.close();
  }
  assertNothingLeft(router.stats());
}

test("2,000 Markdown files are mapped in order, and none is dropped", guarded, async () => {
  const folder = mkdtempSync(join(tmpdir(), "helixrouter-map-"));
  try {
    const paths = writeFiles(folder);
    assert.equal(readdirSync(folder).length, FILES);
    await withRouter(async (router) => {
      async function* texts() {
        for (const path of paths) yield await readFile(path, "utf8");
      }
      let index = 0;
      for await (const page of router.map("page", texts())) {
        assert.equal(page.headings[0], `File ${index}`);
        if (index % 100 === 0) {
          assert.deepEqual(page, toPage(readFileSync(paths[index], "utf8")));
        }
        index++;
      }
      assert.equal(index, FILES);
      const { completed, dropped } = router.stats();
      assert.deepEqual([completed, dropped], [FILES, 0]);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test(
  "an endless source is read no further than its consumer, and ended by a break",
  guarded,
  async () => {
    await withRouter(async (router) => {
      let taken = 0;
      let isReturned = false;
      function* numbers() {
        try {
          for (;;) yield taken++;
        } finally {
          isReturned = true;
        }
      }
      let given = 0;
      let ahead = 0;
      for await (const output of router.map("next", numbers(), { concurrency: 8 })) {
        assert.equal(output, ++given);
        ahead = Math.max(ahead, taken - given);
        if (given % 1_000 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        if (given === 20_000) break;
      }
      assert.ok(ahead <= 64, `${ahead} ahead`);
      assert.equal(isReturned, true);
      assert.equal(router.load.waitingForRoom, 0);
    });
  },
);

test("a consumer that stops leaves nothing running, and takes nothing more", guarded, async () => {
  await withRouter(async (router) => {
    let taken = 0;
    async function* numbers() {
      for (;;) yield await Promise.resolve(taken++);
    }
    const outputs = router.map("next", numbers(), { concurrency: 4, ordered: false });
    await outputs.next();
    await until(() => taken === 33 && router.load.inFlight === 0);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(taken, 33, "32 inputs ahead of the one output that was given");
    await outputs.return();
  });
});

test("an abort ends jobs that run, at once", guarded, async () => {
  await withRouter(async (router) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const outputs = router.map("pause", [20, 60_000, 60_000, 60_000, 60_000, 60_000, 60_000], {
      signal: controller.signal,
      hints: { runTimeoutMs: 100 },
      concurrency: 7,
    });
    await outputs.next();
    const next = outputs.next();
    controller.abort(reason);
    await assert.rejects(next, (error) => error === reason);
    assert.equal(router.load.inFlight, 0);
  });
});

test('submit() with whenFull: "wait" serves producers that know no better', guarded, async () => {
  await withRouter(async (router) => {
    const wait = { whenFull: "wait" } as const;
    const all = Array.from({ length: 3_000 }, (_, n) => router.run("next", n, wait));
    assert.ok(router.load.waitingForRoom > 100); // some have ended meanwhile
    const outputs = await Promise.all(all);
    assert.deepEqual(outputs, Array.from({ length: 3_000 }, (_, n) => n + 1));
    assert.equal(router.stats().dropped, 0);
  }, forcedPolicy("cpu_pool"));
});
