/**
 * Logarithms for what is learned: to nine digits, and, unlike those of `Math`, the same on all engines, so
 * that a run in virtual time is the same everywhere. Only sums, products and quotients are rounded alike.
 */

const LOG2_E = 1.4426950408889634;
const LN_2 = 0.6931471805599453;
const SQRT_2 = 1.4142135623730951;

const view = new DataView(new ArrayBuffer(8));

/** The logarithm, to base 2, of a number > 0. */
export function log2(x: number): number {
  view.setFloat64(0, x);
  const high = view.getInt32(0);
  let exponent = (high >> 20) - 1023;
  view.setInt32(0, (high & 0xfffff) | 0x3ff00000);
  let m = view.getFloat64(0);
  if (m > SQRT_2) {
    m /= 2;
    exponent++;
  }
  // The series of the inverse hyperbolic tangent.
  const z = (m - 1) / (m + 1);
  const q = z * z;
  const series = 1 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q / 11))));
  return exponent + 2 * LOG2_E * z * series;
}

/** 2 to a power between -1022 and 1023. */
export function exp2(y: number): number {
  const exponent = Math.floor(y + 0.5);
  const x = (y - exponent) * LN_2;
  const series = 1 +
    x *
      (1 +
        x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5 * (1 + x / 6 * (1 + x / 7 * (1 + x / 8)))))));
  view.setInt32(0, (exponent + 1023) << 20);
  view.setInt32(4, 0);
  return view.getFloat64(0) * series;
}
