import assert from "node:assert/strict";
import type { PortSetUp } from "./port_way.ts";

/** What travels with a call and back, and what does not. */
export function portValues({ withPort }: PortSetUp): void {
  withPort("post() moves what is to be transferred", async (owner) => {
    const buffer = new ArrayBuffer(1_000);
    const seq = owner.post("byteLength", buffer, [buffer]);
    assert.equal(buffer.byteLength, 0);
    assert.equal((await owner.resultOf(seq)).value, 1_000);
  });

  withPort("outputs are moved as the kind's transferOutput says", async (owner) => {
    const output = await owner.run("giveBuffer", 1_000);
    assert.equal((output as ArrayBuffer).byteLength, 1_000);
    assert.equal(await owner.run("bytesKept", null), 0);
  });

  withPort(
    "post() throws for an input that cannot be cloned, and nothing is sent",
    async (owner) => {
      assert.throws(() => owner.post("scale", () => 1), { name: "DataCloneError" });
      assert.equal(await owner.run("add", { a: 1, b: 2 }), 3);
      assert.deepEqual(owner.words, ["ready", "result"]);
    },
  );

  withPort("an output that cannot be cloned fails the call only", async (owner) => {
    const { ok, value } = await owner.resultOf(owner.post("giveFunction", null));
    assert.equal(ok, false);
    assert.equal((value as Error).name, "DataCloneError");
    assert.equal(await owner.run("add", { a: 1, b: 2 }), 3);
  });

  withPort("what a job itself posts to the router's side is ignored", async (owner) => {
    assert.equal(await owner.run("babble", "answer"), "answer");
    assert.equal(await owner.run("add", { a: 1, b: 2 }), 3);
    assert.deepEqual(owner.words, ["ready", "result", "result"]);
  });

  withPort("a job that sets onmessage takes no calls away", async (owner) => {
    assert.equal(await owner.run("takeMessages", null), "taken");
    assert.equal(await owner.run("add", { a: 1, b: 2 }), 3);
  });
}
