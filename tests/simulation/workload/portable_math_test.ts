import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { randomIntegers } from "../../../src/simulation/random.ts";
import { exp, ln } from "../../../src/simulation/workload/portable_math.ts";
import { runs } from "../../fixtures/property.ts";
import { guarded } from "../../fixtures/until.ts";
import { Digest } from "./digest.ts";

const BOUND = 1e-14;

function assertNear(actual: number, wanted: number, what: string): void {
  assert.ok(Math.abs(actual - wanted) <= BOUND * Math.abs(wanted), `${what}: ${actual}, ${wanted}`);
}

test("ln() is the logarithm of any positive normal number", guarded, () => {
  const least = 2 ** -1022;
  const anywhere = fc.double({ min: least, max: Number.MAX_VALUE, noNaN: true });
  const around = fc.double({ min: 0.25, max: 4, noNaN: true });
  fc.assert(
    fc.property(fc.oneof(anywhere, around), (x) => assertNear(ln(x), Math.log(x), `ln(${x})`)),
    runs(3_000),
  );
  for (const x of [least, 2 ** -40, 0.5, 1, Math.SQRT2, 2, 1 - 2 ** -53, 1 + 2 ** -52, 1e300]) {
    assertNear(ln(x), Math.log(x), `ln(${x})`);
  }
  assert.equal(ln(1), 0);
});

test("exp() is e to the power of any number from -700 to 700", guarded, () => {
  const anywhere = fc.double({ min: -700, max: 700, noNaN: true });
  const around = fc.double({ min: -2, max: 2, noNaN: true });
  fc.assert(
    fc.property(fc.oneof(anywhere, around), (x) => assertNear(exp(x), Math.exp(x), `exp(${x})`)),
    runs(3_000),
  );
  for (const x of [-700, -1e-300, 0, 1, Math.LN2 / 2, 700]) {
    assertNear(exp(x), Math.exp(x), `exp(${x})`);
  }
  assert.equal(exp(0), 1);
});

test("both give the same last bits on every runtime", guarded, () => {
  const draw = randomIntegers(1, 1);
  const digest = new Digest();
  for (let i = 0; i < 500_000; i++) {
    digest.add(ln((draw(1, 1_000_000) + 0.5) / draw(1, 1_000_000)));
    digest.add(exp(draw(0, 1_000_000) * 0.0014 - 700));
  }
  assert.equal(digest.hex, "4fa502fa");
});
