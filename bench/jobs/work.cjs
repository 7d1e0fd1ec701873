// The work of all contestants, in plain JavaScript: each peer loads job files in a way of its own,
// and one (multithreading) sends a function by its source, so none may refer to another.

function add_one(n) {
  return n + 1;
}

function echo(value) {
  return value;
}

/**
 * Real work: sorts the same 256 numbers `times` times. Engines do that in native code; a loop in JavaScript
 * is compiled well or badly by chance, which differs by half between two runs of the same pool.
 */
function sort(times) {
  const numbers = new Int32Array(256);
  let x = 0x2545f491;
  for (let i = 0; i < numbers.length; i++) numbers[i] = x = Math.imul(x, 0x19660d) + 1 | 0;
  const sorted = new Int32Array(numbers.length);
  for (let i = 0; i < times; i++) {
    sorted.set(numbers);
    sorted.sort();
  }
  return sorted[0];
}

/** Keeps the thread busy for `ms` of wall time, whatever tier the compiler has reached. */
function burn(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

module.exports = { add_one, echo, sort, burn };
