import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { hashMix, hashMixRounds } from "../../src/simulation/kernels/hash_mix.ts";
import { monteCarloRisk } from "../../src/simulation/kernels/monte_carlo_risk.ts";
import { primeCount } from "../../src/simulation/kernels/prime_count.ts";
import { skippedIf } from "../fixtures/skipped.ts";

const U64_MAX = 2n ** 64n - 1n;
const FNV_BASIS = 0xcbf29ce484222325n;
const RISK_SEED = 0x123456789abcdef0n;

// The references: the kernels as they are specified, in plain BigInt, nothing shared with src.

function rotateLeft(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & U64_MAX;
}

function referenceAbsorb(state: bigint, input: bigint): bigint {
  let x = ((state ^ input) * 0x100000001b3n) & U64_MAX;
  x = ((x ^ (x >> 33n)) * 0xff51afd7ed558ccdn) & U64_MAX;
  x = ((x ^ (x >> 33n)) * 0xc4ceb9fe1a85ec53n) & U64_MAX;
  return x ^ (x >> 33n);
}

function referenceRounds(state: bigint, rounds: bigint): bigint {
  let t = state;
  for (let round = 0n; round < rounds; round++) {
    t = ((rotateLeft(t, 7n) ^ 0x9e3779b97f4a7c15n) * 0xbf58476d1ce4e5b9n) & U64_MAX;
  }
  return t;
}

function referenceHashMix(inputs: readonly bigint[], cost: bigint): bigint {
  const rounds = cost / 64n;
  return referenceRounds(inputs.reduce(referenceAbsorb, FNV_BASIS), rounds > 1n ? rounds : 1n);
}

/** How many primes there are up to each number, by trial division. */
function primeCounts(limit: number): Uint32Array {
  const counts = new Uint32Array(limit + 1);
  const primes: number[] = [];
  for (let candidate = 2; candidate <= limit; candidate++) {
    let prime = true;
    for (const divisor of primes) {
      if (divisor * divisor > candidate) break;
      if (candidate % divisor === 0) {
        prime = false;
        break;
      }
    }
    if (prime) primes.push(candidate);
    counts[candidate] = primes.length;
  }
  return counts;
}

function referenceRisk(id: bigint, inputs: readonly bigint[], cost: bigint): number {
  const wanted = cost / 200n;
  const n = wanted < 5_000n ? 5_000 : wanted > 50_000n ? 50_000 : Number(wanted);
  const samples = new Float64Array(n);
  let s = RISK_SEED ^ id;
  for (let i = 0; i < n; i++) {
    s ^= s >> 12n;
    s = (s ^ (s << 25n)) & U64_MAX;
    s ^= s >> 27n;
    const r = (s * 0x2545f4914f6cdd1dn) & U64_MAX;
    const base = 0.05 * (Number(r) / 2 ** 64 * 2 - 1);
    let mean = 0;
    let vol = 1;
    for (const v of inputs) {
      mean += Number(v) / 2 ** 64 * 0.0001;
      vol += (Number(rotateLeft(v, 13n)) / 2 ** 64 - 0.5) * 0.01;
    }
    samples[i] = mean + base * Math.max(vol, 0.1);
  }
  samples.sort();
  return samples[Math.min(Math.floor(0.05 * n), n - 1)] ?? NaN;
}

function bitsOf(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}

/** Unsigned 64-bit integers of all lengths, the same for the same seed. */
function createRandom(seed: bigint): () => bigint {
  let state = seed;
  return () => {
    state = referenceAbsorb(state, 1n);
    const length = state & 63n;
    return referenceAbsorb(state, 2n) >> length;
  };
}

function randomInputs(random: () => bigint, count: number): bigint[] {
  return Array.from({ length: count }, random);
}

const MANY_INPUTS = randomInputs(createRandom(99n), 2_000);
const EDGES = [0n, 1n, 0xffff_ffffn, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n, U64_MAX];

test("hashMix() gives known values", () => {
  const known: [inputs: bigint[], cost: bigint, output: bigint][] = [
    [[], 0n, 0xe91b369e0aec5b70n],
    [[], 128n, 0x3de7007f210baf19n],
    [[1n], 63n, 0x1545d2644ccd16bbn],
    [[0n, 1n, 2n], 127n, 0xcdbdc8b83465f345n],
    [[U64_MAX], 64n, 0x1ddf48514dab503an],
    [[0x100000000n, 0x20000000000001n], 500n, 0x324306cc83ca7b85n],
    [[199_999n, 7n, 131_072n, 5n], 120_000n, 0x888d7eae79ae1c5fn],
    [[U64_MAX, 0n, U64_MAX], 1_000_000n, 0x8f20c262748e7e38n],
  ];
  for (const [inputs, cost, output] of known) assert.equal(hashMix(inputs, cost), output);
});

test("hashMix() equals the reference on edges and random jobs", () => {
  for (const cost of [0n, 1n, 63n, 64n, 127n, 128n, 64n * 1024n, 64n * 1025n, 64n * 2049n + 63n]) {
    for (const inputs of [[], ...EDGES.map((edge) => [edge]), EDGES, MANY_INPUTS]) {
      assert.equal(hashMix(inputs, cost), referenceHashMix(inputs, cost), `cost ${cost}`);
    }
  }
  const random = createRandom(1n);
  for (let job = 0; job < 300; job++) {
    const inputs = randomInputs(random, job % 9);
    const cost = random() % 130_000n;
    assert.equal(hashMix(inputs, cost), referenceHashMix(inputs, cost), `${inputs} at ${cost}`);
  }
});

test("hashMixRounds() gives the low 32 bits after that many rounds", () => {
  for (const seed of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
    for (const rounds of [0, 1, 2, 1_023, 1_024, 1_025, 5_000]) {
      const state = referenceAbsorb(FNV_BASIS, BigInt(seed));
      const expected = Number(BigInt.asUintN(32, referenceRounds(state, BigInt(rounds))));
      assert.equal(hashMixRounds(seed, rounds), expected, `${rounds} rounds from ${seed}`);
    }
  }
});

test("hashMixRounds() makes the rounds of hashMix()", () => {
  const hash = hashMix([7n], 64n * 100_000n);
  assert.equal(hashMixRounds(7, 100_000), Number(BigInt.asUintN(32, hash)));
});

test("primeCount() gives known values", () => {
  const known: [cost: bigint, output: number][] = [
    [0n, 1_229],
    [10_000n, 1_229],
    [10_007n, 1_230],
    [65_536n, 6_542],
    [80_000n, 7_837],
    [99_999n, 9_592],
    [250_000n, 22_044],
    [U64_MAX, 22_044],
  ];
  for (const [cost, output] of known) assert.equal(primeCount(cost), output, `cost ${cost}`);
});

test("primeCount() equals trial division", () => {
  const counts = primeCounts(250_000);
  const check = (limit: number) =>
    assert.equal(primeCount(BigInt(limit)), counts[limit], `limit ${limit}`);
  for (let limit = 10_000; limit <= 11_000; limit++) check(limit);
  for (let limit = 11_000; limit <= 250_000; limit += 211) check(limit);
  for (let root = 100; root <= 500; root++) {
    check(root * root);
    if (root > 100) check(root * root - 1);
    if (root < 500) check(root * root + 1);
  }
});

test("primeCount() holds the limit between 10,000 and 250,000", () => {
  for (const cost of [0n, 1n, 9_999n]) assert.equal(primeCount(cost), 1_229);
  for (const cost of [250_001n, 2n ** 53n + 1n, U64_MAX]) assert.equal(primeCount(cost), 22_044);
});

test("monteCarloRisk() gives known bits", () => {
  const known: [id: bigint, inputs: bigint[], cost: bigint, bits: string][] = [
    [0n, [], 0n, "bfa6e4e74f7ec76f"],
    [1n, [0n], 20_000n, "bfa705ac8d429fc2"],
    [2n, [1n], 250_000n, "bfa70aa6f1d5bb83"],
    [0xffff_ffffn, [199_999n, 7n, 131_072n, 5n], 1_000_200n, "bfa690892035432b"],
    [U64_MAX, [U64_MAX], 20_000n, "bfa71f9edb912675"],
    [RISK_SEED, [5n], 20_000n, "bfa978d4fdf3b646"],
    [0x20000000000001n, [U64_MAX, 0x8000000000000000n], 2_000_000n, "bfa70c9db4bbf65c"],
    [42n, [3n, 2n, 1n], U64_MAX, "bfa6b27ab2269ef2"],
  ];
  for (const [id, inputs, cost, bits] of known) {
    assert.equal(bitsOf(monteCarloRisk(id, inputs, cost)), bits, `id ${id}`);
  }
});

test("monteCarloRisk() equals the reference on edges and random jobs", () => {
  const jobs: [id: bigint, inputs: bigint[], cost: bigint][] = [
    [0n, [], 0n],
    [U64_MAX, [], 999_999n],
    [1n, EDGES, 1_000_200n],
    [2n, [U64_MAX], 1_999_999n],
    [3n, [0n], 2_000_000n],
    // The state is 0 for ever: all samples are equal.
    [RISK_SEED, [5n], 20_000n],
    [RISK_SEED, [5n], 2n ** 53n + 1n],
    // Few small samples: exactly one too few below 2^60, far too few, exactly enough.
    [39_130n, [1n], 20_000n],
    [330_817n, [1n, 2n], 20_000n],
    [6_852n, [1n], 20_000n],
    // The spread meets its lower bound of 0.1.
    [4n, Array<bigint>(300).fill(0n), 20_000n],
    [5n, MANY_INPUTS.slice(0, 40), 20_000n],
  ];
  const random = createRandom(3n);
  for (let job = 0; job < 25; job++) {
    jobs.push([random(), randomInputs(random, job % 7), random() % 1_500_000n]);
  }
  for (const [id, inputs, cost] of jobs) {
    const label = `id ${id}, ${inputs.length} inputs, cost ${cost}`;
    assert.equal(
      bitsOf(monteCarloRisk(id, inputs, cost)),
      bitsOf(referenceRisk(id, inputs, cost)),
      label,
    );
  }
});

test("monteCarloRisk() draws as many samples at every cost above the highest", () => {
  const most = monteCarloRisk(6n, [7n], 10_000_000n);
  for (const cost of [10_000_199n, 2n ** 53n + 1n, U64_MAX]) {
    assert.equal(monteCarloRisk(6n, [7n], cost), most);
  }
  assert.notEqual(monteCarloRisk(6n, [7n], 9_999_999n), most);
});

interface Vector {
  readonly kind: "hash_mix" | "prime_count" | "monte_carlo_risk";
  readonly id: string;
  readonly inputs: readonly string[];
  readonly compute_cost: string;
  readonly output: { readonly type: "u64" | "f64"; readonly value: string; readonly bits?: string };
}

// The vectors are not part of this repository: they lie beside it, where they are present at all.
const UP = import.meta.url.includes("/dist/tests/") ? "../../../../" : "../../../";
const VECTORS = new URL(`${UP}shared/kernels/vectors.json`, import.meta.url);
const title = "the kernels equal the shared vectors";
const reason = "shared/kernels/vectors.json is not beside the repository";
const skip = skippedIf(!existsSync(VECTORS), title, reason);

test(title, { skip }, () => {
  const vectors: Vector[] = JSON.parse(readFileSync(VECTORS, "utf8"));
  assert.ok(vectors.length > 100, `found ${vectors.length} vectors`);
  for (const { kind, id, inputs, compute_cost, output } of vectors) {
    const values = inputs.map(BigInt);
    const cost = BigInt(compute_cost);
    const label = `${kind} ${id}`;
    if (kind === "hash_mix") assert.equal(String(hashMix(values, cost)), output.value, label);
    else if (kind === "prime_count") assert.equal(String(primeCount(cost)), output.value, label);
    else assert.equal(bitsOf(monteCarloRisk(BigInt(id), values, cost)), output.bits, label);
  }
});
