// A source map with one mapping for each line: what a stack trace needs, in a quarter of the bytes.
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The text of a map, less all mappings but the first of each line. */
export function toLineMap(text) {
  const map = JSON.parse(text);
  // Source, line and column are relative to the mapping before.
  const at = [0, 0, 0];
  let last = [0, 0, 0];
  const mappings = map.mappings.split(";").map((line) => {
    let first;
    for (const segment of line.split(",")) {
      const [, ...moved] = decode(segment);
      if (moved.length === 0) continue;
      for (const index of at.keys()) at[index] += moved[index];
      first ??= [...at];
    }
    if (first === undefined) return "";
    const moved = first.map((value, index) => value - last[index]);
    last = first;
    return encode([0, ...moved]);
  });
  return JSON.stringify({ ...map, names: [], mappings: mappings.join(";") });
}

/** Numbers in groups of five bits, the least first; the lowest bit of all is the sign. */
function decode(segment) {
  const numbers = [];
  let value = 0, shift = 0;
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) << shift;
    shift += 5;
    if ((bits & 32) !== 0) continue;
    numbers.push((value & 1) === 0 ? value >> 1 : -(value >> 1));
    value = shift = 0;
  }
  return numbers;
}

function encode(numbers) {
  return numbers.map((number) => {
    let value = number < 0 ? (-number << 1) | 1 : number << 1;
    let digits = "";
    do {
      const bits = value & 31;
      value >>>= 5;
      digits += DIGITS[value === 0 ? bits : bits | 32];
    } while (value !== 0);
    return digits;
  }).join("");
}
