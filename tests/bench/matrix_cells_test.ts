import assert from "node:assert/strict";
import { test } from "node:test";
import { cellsOf, FULL, nameOf, partsOf, QUICK } from "../../bench/matrix/cells.ts";
import { COST_WORDS, meanBusyMs, WORKLOADS } from "../../src/simulation/mod.ts";

const USUAL = WORKLOADS.length * Object.keys(COST_WORDS).length;

test("the quick matrix has usual cells only, the full one more of them and others apart", () => {
  const quick = [...cellsOf(QUICK)];
  assert.equal(quick.length, 2 * USUAL);
  assert.ok(quick.every(({ way, isWarm }) => way === undefined && isWarm === undefined));
  const full = [...cellsOf(FULL)];
  const ways = full.map(({ way = "" }) => way);
  const count = (wanted: string) => ways.filter((way) => way === wanted).length;
  assert.deepEqual([count(""), count("cold"), count("closed")], [4 * USUAL, 48, 48]);
  assert.equal(ways.lastIndexOf(""), 4 * USUAL - 1, "the usual ones come first");
  const names = full.map(nameOf);
  assert.equal(new Set(names).size, names.length);
  for (const name of ["mix 0.7 right", "mix 0.7 right cold", "io 2 none closed"]) {
    assert.ok(names.includes(name), name);
  }
});

test("the name of a cell tells its parts", () => {
  assert.deepEqual(partsOf("mix 0.7 right"), {
    ...{ workload: "mix", load: "0.7", costSays: "right", way: "" },
  });
  assert.equal(partsOf("mix 0.7 right cold").way, "cold");
});

test("cold cells are cold and short, closed ones have clients that would bring the load", () => {
  for (const { way, isWarm, durationMs, load, workload } of cellsOf(FULL)) {
    if (way === "cold") assert.deepEqual([isWarm, durationMs], [false, 2_000]);
    if (way !== "closed") continue;
    const { arrivals } = workload;
    assert.ok(arrivals?.type === "closed");
    const busyMs = meanBusyMs(workload) * arrivals.clients / arrivals.thinkMs;
    assert.ok(Math.abs(busyMs / 2 - load) < 1e-9, `${workload.name}: ${busyMs}`);
  }
});
