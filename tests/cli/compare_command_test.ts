import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { guarded } from "../fixtures/until.ts";
import type { Comparison } from "../../src/simulation/mod.ts";
import { plotHeatMap } from "../../src/cli/compare/plot.ts";
import { runCli, runLines, withFolder } from "./run_cli.ts";

const SHORT = ["--duration", "0.4", "--seed", "3"];

async function comparisonsOf(args: readonly string[]): Promise<readonly Comparison[]> {
  const { code, stdout, stderr } = await runCli(["simulate", ...args, "--json"]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /of real time\n$/);
  const { runtime, comparisons } = JSON.parse(stdout);
  assert.equal(runtime, "virtual");
  return comparisons;
}

test("simulate --compare runs the same jobs under each contestant", guarded, async () => {
  const args = ["--compare", "oracle,threshold,inline-only", "--workload", "exp50", "--load", "2"];
  const [comparison, ...more] = await comparisonsOf([...args, ...SHORT, "--repeat", "2"]);
  assert.deepEqual(more, []);
  const { contestants, seeds, load, costSays } = comparison;
  assert.deepEqual({ seeds, load, costSays }, { seeds: [3, 4], load: 2, costSays: "right" });
  assert.deepEqual(contestants.map(({ name }) => name), ["oracle", "threshold", "inline-only"]);
  const [oracle, threshold, inline] = contestants;
  assert.equal(oracle.score?.count, 1);
  assert.equal(new Set(contestants.map(({ runs }) => runs[0].submitted)).size, 1);
  assert.ok(threshold.count.mean > 2 * inline.count.mean, "twice what a loop can do");
});

test("simulate --load from..to compares at several loads", guarded, async () => {
  const comparisons = await comparisonsOf(["--load", "0.5..2", "--workload", "bi50", ...SHORT]);
  assert.deepEqual(comparisons.map(({ load }) => load), [0.5, 0.7, 0.9, 1.2, 2]);
  const shares = comparisons.map(({ contestants: [{ count }] }) => count.mean);
  assert.ok(shares[0] > 0.9 && shares[0] > shares[4], `${shares}`);
});

test("simulate --workload takes a file, and says what is wrong with it", guarded, async () => {
  await withFolder(async (pathOf) => {
    const path = pathOf("mine.json");
    const kind = { name: "page", share: 1, size: { type: "exponential", mean: 1 }, perSizeMs: 2 };
    writeFileSync(path, JSON.stringify({ name: "mine", kinds: [kind] }));
    const [{ workload, contestants }] = await comparisonsOf(["--workload", path, ...SHORT]);
    assert.equal(workload, "mine");
    assert.equal(contestants[0].runs[0].byKind[0].name, "page");

    writeFileSync(path, JSON.stringify({ name: "mine", kinds: [{ ...kind, share: -1 }] }));
    const { code, stderr } = await runCli(["simulate", "--workload", path]);
    assert.equal(code, 2);
    assert.match(stderr, /Cannot use workload as "kinds.0.share" is wrong/);
  });
});

test("simulate --policy takes part with a policy of one's own", guarded, async () => {
  await withFolder(async (pathOf) => {
    const path = pathOf("mine.mjs");
    const policy = (name: string) =>
      `{ ${name} decide: () => ({ strategy: "backpressure_drop", reason: "never" }) }`;
    const play = async (source: string, names = "threshold") => {
      writeFileSync(path, source);
      const args = ["--compare", names, "--policy", path, "--duration", "0.3"];
      const [{ contestants }] = await comparisonsOf(args);
      return contestants;
    };
    const [threshold, mine] = await play(`export default () => (${policy('name: "mine",')});`);
    assert.deepEqual([threshold.name, mine.name], ["threshold", "mine"]);
    assert.equal(mine.runs[0].dropReasons.never, mine.runs[0].submitted);
    const [, same] = await play(`export default ${policy('name: "threshold",')};`);
    assert.deepEqual([same.name, same.runs], ["mine.mjs", mine.runs]);
    assert.equal((await play(`export default ${policy("")};`))[1].name, "mine.mjs");
  });
});

test(
  "simulate --policy says what is wrong with a file, and what would be right",
  guarded,
  async () => {
    await withFolder(async (pathOf) => {
      const wrong = [
        [
          "export const policy = 1;",
          /must be a policy, or a function that gives one.*received none/,
        ],
        ["export default async () => ({});", /received a function that gives a promise$/],
        ["export default { name: 'mine' };", /received an object without "decide"$/],
        ["export default class Mine { decide() {} }", /must give a policy: it threw TypeError/],
        ["export default", /Cannot load --policy /],
      ] as const;
      const ends = await runLines(wrong.map(([source], i) => {
        const path = pathOf(`mine${i}.mjs`);
        writeFileSync(path, source);
        return ["simulate", "--virtual", "--policy", path];
      }));
      for (const [i, { code, stderr }] of ends.entries()) {
        const [source, message] = wrong[i];
        assert.equal(code, 2, source);
        assert.match(stderr.trimEnd(), message);
      }
    });
  },
);

test("simulate --compare prints tables that fit, and a verdict", guarded, async () => {
  // Long enough for some to be lost.
  const seen = ["--workload", "uneven", "--load", "2", "--duration", "1", "--seed", "3"];
  const args = ["--compare", "threshold,oracle", ...seen];
  const { code, stdout, stderr } = await runCli(["simulate", ...args]);
  assert.equal(code, 0, stderr);
  const lines = stdout.split("\n");
  for (const line of lines.slice(3)) assert.ok(line.length <= 80, line);
  assert.match(stdout, /^contestant +in budget +work +p99 ms +by oracle's$/m);
  assert.match(stdout, /^threshold +20 ms/m);
  assert.match(stdout, /^ +500 ms/m);
  assert.match(stdout, /^lost by threshold: \w+ \d+, /m);
  const verdict =
    /threshold: offered 200 % of capacity; \d+ % in budget; an oracle could do \d+ %;/;
  assert.match(stdout, verdict);
});

test("simulate --plot draws curves over the loads, or a heat map", guarded, async () => {
  await withFolder(async (pathOf) => {
    const curves = pathOf("curves.svg");
    await comparisonsOf([
      "--compare",
      "threshold,oracle",
      "--load",
      "0.9..1.2",
      "--plot",
      curves,
      ...SHORT,
    ]);
    const drawn = readFileSync(curves, "utf8");
    assert.match(drawn, /^<svg /);
    for (const text of ["threshold", "oracle", "jobs in budget", ">0.9<"]) {
      assert.ok(drawn.includes(text), text);
    }
    const map = pathOf("map.svg");
    await plotHeatMap(map, "A map", [
      { contestant: "threshold", workload: "latch", costSays: "noise", score: 0.25 },
      { contestant: "threshold", workload: "mix", costSays: "none", score: 1 },
    ]);
    const cells = readFileSync(map, "utf8");
    for (const text of [">A map<", ">latch<", ">noise<", ">threshold<", ">0.25<", ">costs say<"]) {
      assert.ok(cells.includes(text), text);
    }
    const args = ["--load", "1..2", ...SHORT, "--plot", pathOf("no/such.svg")];
    const { code, stderr } = await runCli(["simulate", ...args]);
    assert.equal(code, 2);
    assert.match(stderr, /Cannot write --plot /);
  });
});
