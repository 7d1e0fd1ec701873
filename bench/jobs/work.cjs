// The work of all contestants, in plain JavaScript: each peer loads job files in a way of its own,
// and one (multithreading) sends a function by its source, so none may refer to another.

function add_one(n) {
  return n + 1;
}

function echo(value) {
  return value;
}

/**
 * Real work: `rounds` of a 32-bit generator, about a nanosecond each. In short functions: an engine
 * compiles one long loop well or badly by chance.
 */
function spin(rounds) {
  const left = (x, by) => x ^ (x << by);
  const right = (x, by) => x ^ (x >>> by);
  const step = (x) => left(right(left(x, 13), 17), 5);
  const steps = (x, count) => {
    for (let i = 0; i < count; i++) x = step(x);
    return x;
  };
  let x = 0x2545f491;
  for (let rest = rounds; rest > 0; rest -= 64) x = steps(x, Math.min(rest, 64));
  return x;
}

/** Keeps the thread busy for `ms` of wall time, whatever tier the compiler has reached. */
function burn(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

module.exports = { add_one, echo, spin, burn };
