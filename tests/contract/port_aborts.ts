import assert from "node:assert/strict";
import { createFlags, isUp, STARTED, TOLD_TO_STOP } from "../fixtures/flags.ts";
import { until } from "../fixtures/until.ts";
import type { PortSetUp } from "./port_way.ts";

/** What must become of a call that is aborted. */
export function portAborts({ withPort }: PortSetUp): void {
  withPort("abort() shows in the signal", async (owner) => {
    const flags = createFlags();
    const seq = owner.post("wait", flags);
    await until(() => isUp(flags, STARTED));
    owner.port.abort(seq);
    assert.equal((await owner.resultOf(seq)).value, "told: AbortError");
  });

  withPort("abort() shows in isAborted() of a synchronous loop", async (owner) => {
    const flags = createFlags();
    const seq = owner.post("loopUntilAborted", flags);
    await until(() => isUp(flags, STARTED));
    assert.equal(isUp(flags, TOLD_TO_STOP), false);
    owner.port.abort(seq);
    assert.equal((await owner.resultOf(seq)).value, "stopped");
  });

  for (const when of ["at once", "behind another"]) {
    withPort(`abort() of a call that has not begun is not lost: ${when}`, async (owner) => {
      const release = when === "at once" ? () => {} : (await owner.occupy()).release;
      const seq = owner.post("loopForAWhile", 1_000);
      owner.port.abort(seq);
      release();
      assert.notEqual((await owner.resultOf(seq)).value, "not told");
    });
  }

  withPort("abort() of a call that has ended does not touch the next", async (owner) => {
    const first = owner.post("add", { a: 1, b: 2 });
    await owner.resultOf(first);
    owner.port.abort(first);
    const flags = createFlags();
    const second = owner.post("loopUntilAborted", flags);
    await until(() => isUp(flags, STARTED));
    assert.equal(isUp(flags, TOLD_TO_STOP), false);
    owner.port.abort(second);
    assert.equal((await owner.resultOf(second)).value, "stopped");
  });
}
