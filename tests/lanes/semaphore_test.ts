import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Semaphore } from "../../src/lanes/cpu_pool/semaphore.ts";
import { runs } from "../virtual/property.ts";

test("Semaphore gives out as many permits as it has, and takes back only those", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.boolean()), (permits, plan) => {
      const semaphore = new Semaphore(permits);
      let held = 0;
      for (const acquires of plan) {
        if (acquires) {
          const isFree = held < permits;
          assert.equal(semaphore.tryAcquire(), isFree);
          if (isFree) held++;
        } else if (held > 0) {
          semaphore.release();
          held--;
        } else {
          assert.throws(() => semaphore.release(), RangeError);
        }
        assert.equal(semaphore.held, held);
      }
    }),
    runs(200),
  );
});
