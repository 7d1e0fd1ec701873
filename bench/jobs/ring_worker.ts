// The worker of the ring baseline: it sleeps on the ring and rings the bell when it is armed.

import { openParent } from "./parent.ts";
import {
  ARMED,
  ASLEEP,
  DONE,
  NUMBERS_IN,
  type Ring,
  RING_CAPACITY,
  WRITTEN,
} from "./ring_memory.ts";
import { loadWork } from "./work.ts";

/** Deno cannot end a worker in an endless wait. */
const SLICE_MS = 1_000;

const parent = openParent();
const { add_one, sort, burn } = await loadWork();

/** The functions by number, as the main thread counts them. */
const FUNCTIONS: readonly ((input: number) => number)[] = [add_one, sort, burn];

function serve({ control, inputs, outputs }: Ring): void {
  let done = 0;
  while (true) {
    let written = Atomics.load(control, WRITTEN);
    while (written === done) {
      Atomics.store(control, ASLEEP, 1);
      Atomics.wait(control, WRITTEN, done, SLICE_MS);
      Atomics.store(control, ASLEEP, 0);
      written = Atomics.load(control, WRITTEN);
    }
    while (done !== written) {
      const place = done & (RING_CAPACITY - 1);
      const run = FUNCTIONS[inputs[place * NUMBERS_IN]];
      outputs[place] = run(inputs[place * NUMBERS_IN + 1]);
      done = (done + 1) | 0;
      Atomics.store(control, DONE, done);
      if (Atomics.load(control, ARMED) === 1 && Atomics.exchange(control, ARMED, 0) === 1) {
        parent.post(0);
      }
    }
  }
}

parent.listen((ring) => {
  parent.post("ready");
  setTimeout(serve, 0, ring as Ring);
});
parent.post("hello");
