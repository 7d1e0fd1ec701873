import assert from "node:assert/strict";
import { test } from "node:test";
import * as http from "../../src/http/mod.ts";
import * as loaded from "../../src/http/with_packages.ts";

test("what npm's helixrouter/http exports is what the module exports", () => {
  assert.deepEqual({ ...loaded }, { ...http });
});
