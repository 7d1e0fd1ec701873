// Tells the main thread when jobs arrive, however busy that thread is: it sleeps until each is due.

import { openParent } from "./parent.ts";

const parent = openParent();
const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

parent.listen((message) => {
  const offsetsMs = message as Float64Array;
  const startMs = performance.now();
  for (let count = 0; count < offsetsMs.length;) {
    const waitMs = startMs + offsetsMs[count] - performance.now();
    if (waitMs > 0) Atomics.wait(never, 0, 0, waitMs);
    const nowMs = performance.now() - startMs;
    while (count < offsetsMs.length && offsetsMs[count] <= nowMs) count++;
    parent.post(count);
  }
});
parent.post("hello");
