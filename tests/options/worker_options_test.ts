// What workers are started with: what the options may be, and where they cannot be had.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defineJobs, InvalidOptionError } from "../../mod.ts";
import { resolveOptions, type RouterOptions } from "../../src/options/options.ts";
import type { WorkerOptions } from "../../src/options/worker_options.ts";
import { runtimeDefaults } from "../../src/runtime/host.ts";

const jobs = defineJobs({ five: { run: () => 5 } });
const all = ["env", "name", "resourceLimits"] as const;

function resolve(options: object, workerOptions: readonly (keyof WorkerOptions)[] = all) {
  const runtime = { ...runtimeDefaults(), workerOptions };
  return resolveOptions({ jobs, ...options } as RouterOptions, runtime);
}

function refusal(options: object, able?: readonly (keyof WorkerOptions)[]): string {
  try {
    resolve(options, able);
  } catch (error) {
    assert.ok(error instanceof InvalidOptionError, `${error}`);
    return error.message.replace(/^Cannot (create router|limit workers) as /, "");
  }
  return "taken";
}

test("env is a copy of what was given, less what is undefined", () => {
  const env: Record<string, string | undefined> = { A: "1", B: undefined, EMPTY: "" };
  const resolved = resolve({ env });
  env.A = "2";
  assert.deepEqual(resolved.env, { A: "1", EMPTY: "" });
});

test("env that is no object of strings is refused, by the name of the variable", () => {
  assert.equal(refusal({ env: "A=1" }), '"env" must be an object of strings: received "A=1"');
  assert.equal(refusal({ env: ["A=1"] }), '"env.0" must be a string: received "A=1"');
  assert.equal(
    refusal({ env: { A: "1", PORT: 80 } }),
    '"env.PORT" must be a string: received 80',
  );
  assert.equal(refusal({ env: { A: null } }), '"env.A" must be a string: received null');
});

test("name is any string", () => {
  assert.equal(resolve({ name: "images" }).name, "images");
  assert.equal(refusal({ name: 7 }), '"name" must be a string: received 7');
});

test("resourceLimits takes what Node survives, and refuses the rest by name", () => {
  const least = {
    maxOldGenerationSizeMb: 16,
    maxYoungGenerationSizeMb: 1,
    codeRangeSizeMb: 1,
    stackSizeMb: 1,
  };
  assert.deepEqual({ ...resolve({ resourceLimits: least }).resourceLimits }, least);
  assert.deepEqual({ ...resolve({ resourceLimits: {} }).resourceLimits }, {});
  const million = "from 1 to 1000000";
  const rows: [object, string][] = [
    [{ maxOldGenerationSizeMb: 15 }, "from 16 to 1000000: received 15"],
    [{ maxOldGenerationSizeMb: "64" }, 'from 16 to 1000000: received "64"'],
    [{ maxYoungGenerationSizeMb: 0 }, `${million}: received 0`],
    [{ codeRangeSizeMb: NaN }, `${million}: received NaN`],
    [{ stackSizeMb: 0.5 }, "from 1 to 1000: received 0.5"],
    [{ stackSizeMb: 1_001 }, "from 1 to 1000: received 1001"],
  ];
  for (const [resourceLimits, wanted] of rows) {
    const [name] = Object.keys(resourceLimits);
    assert.equal(
      refusal({ resourceLimits }),
      `"${name}" must be a number ${wanted}`,
    );
  }
  const unknown = { maxOldSpaceSizeMb: 64 };
  assert.match(
    refusal({ resourceLimits: unknown }),
    /^"maxOldSpaceSizeMb" must be one of the options\. .* They are maxOldGenerationSizeMb, .*: received 64$/,
  );
  assert.equal(
    refusal({ resourceLimits: 64 }),
    '"resourceLimits" must be an object of limits: received 64',
  );
  assert.equal(
    refusal({ resourceLimits: [] }),
    '"options" must be an object: received []',
  );
});

test("what the workers of a runtime cannot have is refused", () => {
  const wanted = "left out on this runtime";
  const limits = { resourceLimits: { stackSizeMb: 8 } };
  assert.equal(
    refusal(limits, ["env", "name"]),
    `"resourceLimits" must be ${wanted}: received {"stackSizeMb":8}`,
  );
  assert.equal(refusal({ name: "images" }, ["name"]), "taken");
});

test("a refused env is told by its names alone", () => {
  const message = refusal({ env: { TOKEN: "secret" } }, ["name"]);
  assert.match(message, /: received \["TOKEN"\]$/);
});

test("what others make is not told what to start with", () => {
  for (const maker of ["worker", "createPort"]) {
    for (const [name, value] of [["env", {}], ["name", "a"], ["resourceLimits", {}]] as const) {
      assert.match(
        refusal({ [maker]: () => assert.fail(), [name]: value }),
        new RegExp(`^"${name}" must be left out with "worker" or "createPort": `),
      );
    }
  }
});
