// The work of all contestants, in plain JavaScript: each peer loads job files in a way of its own,
// and one (multithreading) sends a function by its source, so none may refer to another.

function add_one(n) {
  return n + 1;
}

function echo(value) {
  return value;
}

/** Real work: `rounds` of a 32-bit generator, about a nanosecond each. */
function spin(rounds) {
  let x = 0x2545f491;
  for (let i = 0; i < rounds; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
  return x;
}

/** Keeps the thread busy for `ms` of wall time, whatever tier the compiler has reached. */
function burn(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

module.exports = { add_one, echo, spin, burn };
