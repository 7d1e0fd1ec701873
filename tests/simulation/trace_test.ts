import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { demoJobs, readTrace } from "../../src/simulation/mod.ts";
import { toArrivals } from "../../src/simulation/trace_arrivals.ts";
import { runs } from "../fixtures/property.ts";
import { skippedIf } from "../fixtures/skipped.ts";

const AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens";
const PLAIN = "at_ms,kind,cost,scaling,budget_ms";
const RECORDED = '{"helix_trace":1}';

function problemOf(header: string, row: string): string {
  const { requests, badRows, firstBadRow } = readTrace(`${header}\n${row}\n`);
  assert.equal(requests.length, 0, row);
  assert.equal(badRows, 1, row);
  assert.equal(firstBadRow?.line, 2);
  return firstBadRow.problem;
}

test("readTrace() reads the Azure trace as it is published", () => {
  const { requests, badRows, firstBadRow } = readTrace(
    `${AZURE}\r\n2023-11-16 18:15:46.6805900,374,44\r\n2023-11-16 18:15:50.9951690,396,109\r\n`,
  );
  assert.equal(badRows, 0);
  assert.equal(firstBadRow, undefined);
  assert.deepEqual(requests.map(({ atMs, kind, cost }) => [atMs, kind, cost]), [
    [0, "llm_request", 16_280],
    [4_314.579, "llm_request", 29_720],
  ]);
  const { latencyBudgetMs, scalingPotential } = requests[0];
  assert.equal(scalingPotential, 0.5);
  // 374 µs + 440 µs nominally; the budget is 20 ms and three times that.
  assert.ok(Math.abs((latencyBudgetMs ?? NaN) - 22.442) < 1e-9);
});

test("readTrace() reads the plain form, empty fields being no hint", () => {
  const { requests, badRows } = readTrace(
    `\n${PLAIN}\n100,prime_count,20000,0.9,50\n\n  105.5 ,hash_mix,1e3,,\n`,
  );
  assert.equal(badRows, 0);
  assert.deepEqual(
    requests.map(({ atMs, kind, cost, scalingPotential, latencyBudgetMs }) => [
      atMs,
      kind,
      cost,
      scalingPotential,
      latencyBudgetMs,
    ]),
    [
      [0, "prime_count", 20_000, 0.9, 50],
      [5.5, "hash_mix", 1_000, undefined, undefined],
    ],
  );
});

test("readTrace() reads recorded lines, their input included", () => {
  const { requests, badRows } = readTrace([
    RECORDED,
    '{"at_ms":3,"kind":"hash_mix","cost":7,"scaling":0.5,"budget_ms":9,"priority":8,"input":{"id":"1","inputs":["18446744073709551615"],"cost":"7"}}',
    '{"at_ms":1,"kind":"llm_request","cost":10.5}',
  ].join("\n"));
  assert.equal(badRows, 0);
  assert.deepEqual(requests.map(({ atMs, kind, priority }) => [atMs, kind, priority]), [
    [0, "llm_request", undefined],
    [2, "hash_mix", 8],
  ]);
  assert.deepEqual(requests[1].input, { id: 1n, inputs: [2n ** 64n - 1n], cost: 7n });
});

test("readTrace() puts requests in order, those of one moment as they stand", () => {
  const { requests } = readTrace(
    `${PLAIN}\n7,hash_mix,1,,\n5,hash_mix,2,,\n7,hash_mix,3,,\n5,hash_mix,4,,`,
  );
  assert.deepEqual(requests.map(({ atMs, cost }) => [atMs, cost]), [[0, 2], [0, 4], [2, 1], [
    2,
    3,
  ]]);
});

test("readTrace() reads requests of any kind, whose cost may be unknown", () => {
  const plain = readTrace(`${PLAIN}\n0,resize,,0.5,\n1,toString,2.5,,`);
  assert.equal(plain.badRows, 0);
  assert.deepEqual(plain.requests.map(({ kind, cost }) => [kind, cost]), [
    ["resize", NaN],
    ["toString", 2.5],
  ]);
  const input = { url: "a.png", sizes: [1, 2] };
  const recorded = readTrace(
    `${RECORDED}\n${JSON.stringify({ at_ms: 5, kind: "resize", input })}`,
  );
  assert.deepEqual(recorded.requests, [{
    atMs: 0,
    kind: "resize",
    cost: NaN,
    scalingPotential: undefined,
    latencyBudgetMs: undefined,
    priority: undefined,
    input,
  }]);
});

test("readTrace() gives the service time that was measured, in a batch the share of a job", () => {
  const outcome = { status: "completed", strategy: "batch", waitMs: 1, totalMs: 9 };
  const rows = [
    { ...outcome, runMs: 8, batchSize: 4, withinBudget: true },
    { ...outcome, runMs: 0.000_25, withinBudget: false },
    { ...outcome, status: "cancelled", withinBudget: false },
  ].map((outcome, at_ms) => JSON.stringify({ at_ms, kind: "resize", outcome }));
  const { requests, firstBadRow } = readTrace([RECORDED, ...rows].join("\n"));
  assert.equal(firstBadRow, undefined);
  assert.deepEqual(requests.map(({ serviceMs }) => serviceMs), [2, 0.000_25, undefined]);
  assert.deepEqual(requests.map((request) => "serviceMs" in request), [true, true, false]);
});

test("readTrace() puts recorded requests of one moment in the order of their submits", () => {
  const rows = [[2, 9], [1, 4], [2, 7], [2, undefined], [2, 8]].map(([at_ms, id]) =>
    JSON.stringify({ at_ms, id, kind: "k", cost: id ?? 0 })
  );
  const { requests } = readTrace([RECORDED, ...rows].join("\n"));
  assert.deepEqual(requests.map(({ cost }) => cost), [4, 7, 8, 9, 0]);
  assert.ok(requests.every((request) => !("id" in request)));
});

test("readTrace() reads recordings of its own version only, and says so", () => {
  const first = (text: string) => readTrace(text).firstBadRow;
  const wanted = 'the first line must be the header of a recording, {"helix_trace":1}';
  assert.deepEqual(first('\n{"at_ms":0,"kind":"k"}'), { line: 2, problem: wanted });
  const version = "helix_trace must be 1, the version that can be read: received 2";
  assert.deepEqual(first('{"helix_trace":2}\n{"at_ms":0,"kind":"k"}'), {
    line: 1,
    problem: version,
  });
  assert.deepEqual(first("{helix_trace"), { line: 1, problem: "the line must be JSON" });
});

test("readTrace() counts rows it cannot read and tells of the first", () => {
  const { requests, badRows, firstBadRow } = readTrace(
    `${PLAIN}\n0,prime_count,1,0,1\n\nsoon,prime_count,1,0,1\n1,prime_count,1,0,1\nx\n`,
  );
  assert.equal(requests.length, 2);
  assert.equal(badRows, 2);
  assert.deepEqual(firstBadRow, {
    line: 4,
    problem: 'at_ms must be a number of ms from 0 to 1000000000000000: received "soon"',
  });
});

test("readTrace() says what is wrong with a row", () => {
  const azure = [
    ["2023-11-16 18:15:46.68,1", "the row must have 3 fields: received 2"],
    ["yesterday,1,1", "TIMESTAMP must be like"],
    ["2023-02-31 18:15:46.68,1,1", "TIMESTAMP must be like"],
    ["2023-11-16 25:15:46.68,1,1", "TIMESTAMP must be like"],
    ["2023-11-16 18:15:46.68,-1,1", 'ContextTokens must be an integer >= 0: received "-1"'],
    ["2023-11-16 18:15:46.68,1,1.5", 'GeneratedTokens must be an integer >= 0: received "1.5"'],
    ["2023-11-16 18:15:46.68,1,999999999", "cost must be a number from 0 to 100000000"],
  ];
  for (const [row, problem] of azure) assert.ok(problemOf(AZURE, row).startsWith(problem), row);
  const plain = [
    ["0,prime_count,1,0", "the row must have 5 fields: received 4"],
    ["-1,prime_count,1,0,1", "at_ms must be"],
    ["0,,1,0,1", 'kind must be the name of a kind: received ""'],
    ["0,prime_count,,0,1", "cost must be an integer from 0 to 9007199254740991: received nothing"],
    ["0,resize,-1,0,1", 'cost must be a number >= 0: received "-1"'],
    ["0,prime_count,0x10,0,1", 'cost must be a number >= 0: received "0x10"'],
    ["0,prime_count,1.5,0,1", "cost must be an integer"],
    ["0,llm_request,1e9,0,1", "cost must be a number from 0 to 100000000: received 1000000000"],
    ["0,prime_count,1e999,0,1", "cost must be a number >= 0: received Infinity"],
    ["0,prime_count,1,1.1,1", "scaling must be a number from 0 to 1: received 1.1"],
    ["0,prime_count,1,0,0", "budget_ms must be"],
    ["0,prime_count,1,0,2147483648", "budget_ms must be"],
  ];
  for (const [row, problem] of plain) assert.ok(problemOf(PLAIN, row).startsWith(problem), row);
  const recorded = [
    ["{", "the line must be JSON"],
    ["[]", "at_ms must be a number of ms from 0 to 1000000000000000: received nothing"],
    ["7", "the line must be a JSON object"],
    ['{"at_ms":0,"kind":"hash_mix","cost":"1"}', 'cost must be a number >= 0: received "1"'],
    ['{"at_ms":0,"kind":"hash_mix","cost":1,"outcome":[]}', "outcome.status must be one of"],
    ['{"at_ms":0,"kind":"hash_mix","cost":1,"priority":10}', "priority must be an integer"],
    ['{"at_ms":0,"kind":"hash_mix","cost":1,"input":{"id":1}}', "input.inputs must be an array"],
    ['{"at_ms":0,"kind":"hash_mix","cost":1,"input":5}', "input must be an object"],
  ];
  for (const [row, problem] of recorded) {
    const { firstBadRow } = readTrace(`${RECORDED}\n${row}`);
    assert.ok(firstBadRow?.problem.startsWith(problem), `${row}: ${firstBadRow?.problem}`);
  }
});

test("readTrace() takes a file that is no trace for one bad row", () => {
  for (const text of ["", "\n \n", "a,b,c\n1,2,3", "at_ms,kind\n"]) {
    const { requests, badRows, firstBadRow } = readTrace(text);
    assert.equal(requests.length, 0);
    assert.equal(badRows, 1);
    assert.ok(firstBadRow !== undefined && firstBadRow.problem !== "");
  }
});

test("readTrace() never throws, and gives requests that can be run, in order", () => {
  const field = fc.oneof(
    fc.string(),
    fc.double().map(String),
    fc.integer().map(String),
    fc.constantFrom("hash_mix", "prime_count", "llm_request", "0", "0.5", ""),
  );
  const row = fc.array(field, { minLength: 1, maxLength: 6 }).map((fields) => fields.join(","));
  const record = fc.record({
    at_ms: fc.anything(),
    kind: fc.constantFrom("hash_mix", "llm_request", "x", ""),
    cost: fc.oneof(fc.nat(), fc.anything()),
    scaling: fc.oneof(fc.constant(undefined), fc.double(), fc.anything()),
    budget_ms: fc.oneof(fc.constant(undefined), fc.double(), fc.anything()),
    input: fc.anything(),
  }, { requiredKeys: [] }).map((value) => {
    try {
      return JSON.stringify(value);
    } catch {
      return "{}";
    }
  });
  const body = fc.array(fc.oneof(row, record, fc.json(), fc.string())).map((rows) =>
    rows.join("\n")
  );
  const text = fc.oneof(
    fc.string(),
    body,
    body.map((rows) => `${PLAIN}\n${rows}`),
    body.map((rows) => `${AZURE}\n${rows}`),
    body.map((rows) => `{}\n${rows}`),
    body.map((rows) => `${RECORDED}\n${rows}`),
  );
  fc.assert(
    fc.property(text, (text) => {
      const { requests, badRows, firstBadRow } = readTrace(text);
      assert.equal(badRows > 0, firstBadRow !== undefined);
      let lastMs = 0;
      for (const { kind, atMs, cost } of requests) {
        assert.ok(kind !== "" && atMs >= lastMs && !(cost < 0));
        lastMs = atMs;
      }
      lastMs = 0;
      const known = requests.filter(({ kind }) => Object.hasOwn(demoJobs.kinds, kind));
      for (const { atMs, hints, nominalMs } of toArrivals(known, { seed: 1, roundsPerMs: 1e6 })) {
        assert.ok(atMs >= lastMs && nominalMs >= 0);
        assert.ok(hints.latencyBudgetMs === undefined || hints.latencyBudgetMs > 0);
        lastMs = atMs;
      }
    }),
    runs(500),
  );
});

test("toArrivals() turns nominal time into rounds of this machine", () => {
  const { requests } = readTrace(`${PLAIN}\n0,llm_request,20000,0.5,23\n1,llm_request,0,,`);
  const arrivals = toArrivals(requests, { seed: 1, roundsPerMs: 500_000 });
  assert.deepEqual(arrivals.map(({ input, nominalMs }) => [input, nominalMs]), [[500_000, 1], [
    0,
    0,
  ]]);
  assert.deepEqual(arrivals.map(({ hints }) => hints), [
    { computeCost: 20_000, scalingPotential: 0.5, latencyBudgetMs: 23 },
    { computeCost: 0 },
  ]);
});

test("toArrivals() makes up the inputs a trace does not give, from the seed", () => {
  const { requests } = readTrace(`${PLAIN}\n0,hash_mix,5,,\n0,hash_mix,5,,`);
  const once = toArrivals(requests, { seed: 1, roundsPerMs: 1 });
  assert.deepEqual(toArrivals(requests, { seed: 1, roundsPerMs: 1 }), once);
  assert.notDeepEqual(toArrivals(requests, { seed: 2, roundsPerMs: 1 }), once);
  assert.notDeepEqual(once[0].input, once[1].input);
});

// The Azure trace is not part of this repository: it lies beside it, where it is present at all.
const UP = import.meta.url.includes("/dist/tests/") ? "../../../../" : "../../../";
const AZURE_FILE = new URL(`${UP}shared/traces/azure_llm_conv_2023.csv`, import.meta.url);
const title = "readTrace() reads the whole Azure trace";
const reason = "shared/traces is not beside the repository";
const skip = skippedIf(!existsSync(AZURE_FILE), title, reason);

test(title, { skip }, () => {
  const { requests, badRows } = readTrace(readFileSync(AZURE_FILE, "utf8"));
  assert.equal(requests.length, 19_366);
  assert.equal(badRows, 0);
  assert.equal(Math.round((requests.at(-1)?.atMs ?? 0) / 1_000), 3_502);
});
