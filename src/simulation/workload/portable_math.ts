// From + − × ÷ and moves of bits only, so that each engine gives the same last bit. `Math.log` and
// `Math.exp` differ.

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

const LN_2 = 0.6931471805599453;
/** ln 2 in two parts; products of the first with a whole number below 2^20 are exact. */
const LN_2_HIGH = 0.6931471803691238;
const LN_2_LOW = 1.9082149292705877e-10;
const SQRT_2 = 1.4142135623730951;

/** The natural logarithm of a positive normal number, by the series of the inverse hyperbolic tangent. */
export function ln(x: number): number {
  double[0] = x;
  let exponent = (words[HIGH] >>> 20) - 1_023;
  words[HIGH] = (words[HIGH] & 0xf_ffff) | 0x3ff0_0000;
  let mantissa = double[0];
  if (mantissa > SQRT_2) {
    mantissa *= 0.5;
    exponent++;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  let sum = 0;
  for (let n = 23; n >= 1; n -= 2) sum = sum * z + 1 / n;
  return exponent * LN_2 + 2 * s * sum;
}

/** e to the power of a number from -700 to 700, by its Taylor series. */
export function exp(x: number): number {
  const exponent = Math.round(x / LN_2);
  const rest = x - exponent * LN_2_HIGH - exponent * LN_2_LOW;
  let sum = 1;
  for (let n = 14; n >= 1; n--) sum = 1 + sum * rest / n;
  double[0] = 1;
  words[HIGH] = (exponent + 1_023) << 20;
  return sum * double[0];
}
