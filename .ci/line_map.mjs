// A source map with a mapping for each line of a source that a line of the script begins or goes on with:
// what a stack trace needs, in a quarter of the bytes.
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The text of a map, less the mappings within a line of a source, and all names. */
export function toLineMap(text) {
  const map = JSON.parse(text);
  // Source, line and column are relative to the mapping before.
  const at = [0, 0, 0];
  let last = [0, 0, 0];
  const mappings = map.mappings.split(";").map((line) => {
    let column = 0, lastColumn = 0, isFirst = true;
    const kept = [];
    for (const segment of line.split(",")) {
      const [by, ...moved] = decode(segment);
      column += by ?? 0;
      if (moved.length === 0) continue;
      for (const index of at.keys()) at[index] += moved[index];
      if (!isFirst && at[0] === last[0] && at[1] === last[1]) continue;
      const change = at.map((value, index) => value - last[index]);
      kept.push(encode([column - lastColumn, ...change]));
      last = [...at];
      lastColumn = column;
      isFirst = false;
    }
    return kept.join(",");
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
