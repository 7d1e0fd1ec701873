import assert from "node:assert/strict";
import { test } from "node:test";
import { ArrivalThread, VirtualClock } from "../../src/testing/mod.ts";

/** What comes at some times, and when it is received, to 0.1 ms. */
function receivedOf(clock: VirtualClock, wakeMs: number, timesMs: number[], workMs = 0) {
  const received: [value: number, atMs: number][] = [];
  let i = 0;
  new ArrivalThread<number>(clock, {
    wakeMs,
    next: () => i < timesMs.length ? { atMs: timesMs[i], value: i++ } : undefined,
    receive: (value) => {
      received.push([value, Math.round(10 * clock.now()) / 10]);
      clock.occupy(workMs);
    },
  });
  return received;
}

test("arrivals are received when they are due, if there is a core for the thread", () => {
  const clock = new VirtualClock({ cores: 2, wakeUpMs: 0 });
  const received = receivedOf(clock, 0.5, [10, 20, 20.4, 30], 7);
  clock.advance(100);
  // The second and third one come in one wake-up, in turns of their own.
  assert.deepEqual(received, [[0, 10], [1, 20], [2, 27], [3, 34]]);
});

test("arrivals are late while others have all cores", () => {
  const clock = new VirtualClock({ cores: 1, sliceMs: 100, wakeUpMs: 0 });
  const received = receivedOf(clock, 0.5, [10, 11], 5);
  clock.advance(100);
  assert.deepEqual(received, [[0, 10], [1, 15.5]]);
});

test("an arrival that is due already comes at once", () => {
  const clock = new VirtualClock({ cores: 2 });
  clock.advance(50);
  const received = receivedOf(clock, 0.5, [10]);
  clock.advance(10);
  assert.equal(received.length, 1);
  assert.ok(received[0][1] >= 50.5 && received[0][1] < 51);
});

test("a wake-up may take no time, and what is no time is refused", () => {
  const clock = new VirtualClock({ cores: 1, wakeUpMs: 0 });
  const received = receivedOf(clock, 0, [1]);
  clock.advance(2);
  assert.deepEqual(received, [[0, 1]]);
  for (const wakeMs of [-1, NaN, Infinity, "1" as unknown as number, undefined!]) {
    assert.throws(() => receivedOf(clock, wakeMs, [1]), {
      name: "RangeError",
      message: `"wakeMs" must be a finite number of at least 0: received ${wakeMs}`,
    });
  }
});
