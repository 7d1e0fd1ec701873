// What every port must do, whatever worker it is built on. `port_test.ts` runs it for each way of
// having a worker on the runtime at hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { JobModuleError, WorkerCrashedError } from "../../src/errors.ts";
import type { Jobs, Movable } from "../../src/jobs.ts";
import type { Death, PortFactory, PortOwner, WorkerPort } from "../../src/runtime/port.ts";
import {
  createFlags,
  isUp,
  raise,
  RELEASED,
  STARTED,
  TOLD_TO_STOP,
  TORN_DOWN,
} from "../fixtures/flags.ts";
import jobs from "../fixtures/port_jobs.ts";
import { guarded, until } from "../fixtures/until.ts";

/** One way of having a worker. */
export interface PortWay {
  readonly name: string;
  /** Ports whose workers serve `port_jobs.ts`; the router's side believes in the kinds of `set`. */
  readonly ports: (set: Jobs) => PortFactory;
  /** Ports whose workers speak another version of the protocol. */
  readonly otherProtocol: () => PortFactory;
  /** Ports whose workers throw while they are loaded. */
  readonly throwing: () => PortFactory;
  /** Ports whose workers serve `hook_jobs.ts`. */
  readonly hooked: (teardownMs: number) => PortFactory;
  /** Ports whose workers throw in their `setup`. */
  readonly throwingSetup: () => PortFactory;
  /** Whether `terminate()` stops a synchronous endless loop. */
  readonly stopsLoops: boolean;
  /** Whether the exit code of a worker can be known. */
  readonly tellsExitCode: boolean;
}

type Said =
  | { readonly what: "ready" }
  | {
    readonly what: "result";
    readonly seq: number;
    readonly ok: boolean;
    readonly value: unknown;
    readonly runMs: number;
  }
  | { readonly what: "progress"; readonly seq: number; readonly value: unknown }
  | { readonly what: "died"; readonly death: Death };

/** Owns one port, keeps all that it says, and waits for it. */
class Owner implements PortOwner {
  readonly port: WorkerPort;
  readonly said: Said[] = [];
  #seq = 0;
  /** Whether results may be told now. */
  #hasArrived = false;

  constructor(createPort: PortFactory) {
    this.port = createPort();
    let returned = false;
    this.#mustHaveReturned = () => assert.ok(returned, "The port called its owner from start()");
    this.port.start(this);
    returned = true;
  }

  #mustHaveReturned: () => void;

  ready(port: WorkerPort): void {
    this.#note(port, { what: "ready" });
  }

  arrived(port: WorkerPort, areLast: boolean): void {
    assert.equal(port, this.port);
    if (areLast) assert.equal(port.room, 0);
    this.#hasArrived = true;
    queueMicrotask(() => this.#hasArrived = false);
  }

  progress(port: WorkerPort, seq: number, value: unknown): void {
    this.#note(port, { what: "progress", seq, value });
  }

  result(port: WorkerPort, seq: number, ok: boolean, value: unknown, runMs: number): void {
    assert.ok(this.#hasArrived, "The port told a result that had not arrived");
    this.#note(port, { what: "result", seq, ok, value, runMs });
  }

  died(port: WorkerPort, death: Death): void {
    this.#note(port, { what: "died", death });
  }

  #note(port: WorkerPort, said: Said): void {
    this.#mustHaveReturned();
    assert.equal(port, this.port);
    this.said.push(said);
  }

  get words(): string[] {
    return this.said.map(({ what }) => what);
  }

  async untilReady(): Promise<void> {
    await until(() => this.said.length > 0);
    assert.deepEqual(this.said, [{ what: "ready" }]);
  }

  async untilDead(): Promise<Death> {
    await until(() => this.words.includes("died"));
    const last = this.said.at(-1)!;
    assert.equal(last.what, "died");
    return last.what === "died" ? last.death : assert.fail();
  }

  /** Numbers of the calls with a result, in order. */
  get answered(): number[] {
    return this.said.flatMap((said) => said.what === "result" ? [said.seq] : []);
  }

  /** Posts a call that keeps the worker busy until its flags are released, and waits until it does. */
  async occupy(): Promise<{ seq: number; release: () => void }> {
    const flags = createFlags();
    const seq = this.post("hold", flags);
    await until(() => isUp(flags, STARTED));
    return { seq, release: () => raise(flags, RELEASED) };
  }

  /** Posts a call and gives its number. */
  post(kind: string, payload: unknown, transfer: Movable[] = [], isBatch = false): number {
    this.port.post({ seq: ++this.#seq, kind, isBatch, payload }, transfer);
    return this.#seq;
  }

  /** The result of call `seq`. */
  async resultOf(seq: number): Promise<Said & { what: "result" }> {
    const find = () => this.said.find((said) => said.what === "result" && said.seq === seq);
    await until(() => find() !== undefined || this.words.includes("died"));
    return find() as Said & { what: "result" } ?? assert.fail("The worker died");
  }

  /** Posts a call that must succeed, and gives its output. */
  async run(kind: string, payload: unknown, transfer?: Movable[]): Promise<unknown> {
    const { ok, value } = await this.resultOf(this.post(kind, payload, transfer));
    assert.equal(ok, true, `${kind} failed: ${value}`);
    return value;
  }
}

/** Runs the contract for one way of having a worker. */
export function portContract(way: PortWay): void {
  const createPort = way.ports(jobs);

  /** A contract test with a ready port, which is ended afterwards. */
  function withPort(name: string, body: (owner: Owner) => Promise<void>): void {
    test(`${way.name}: ${name}`, guarded, async () => {
      const owner = new Owner(createPort);
      try {
        await owner.untilReady();
        await body(owner);
      } finally {
        owner.port.terminate();
        await owner.untilDead();
      }
    });
  }

  function withoutPort(name: string, body: () => Promise<void>): void {
    test(`${way.name}: ${name}`, guarded, body);
  }

  /** Lives a whole life of another worker: whatever the first still had to say has come by then. */
  async function another(): Promise<void> {
    const owner = new Owner(createPort);
    await owner.untilReady();
    assert.equal(await owner.run("add", { a: 1, b: 2 }), 3);
    owner.port.terminate();
    await owner.untilDead();
  }

  withPort("ready comes once, then calls give their outputs", async (owner) => {
    const { ok, value, runMs } = await owner.resultOf(owner.post("add", { a: 40, b: 2 }));
    assert.deepEqual({ ok, value }, { ok: true, value: 42 });
    assert.ok(runMs >= 0);
    assert.deepEqual(owner.words, ["ready", "result"]);
  });

  withPort("post() carries what structured clone carries", async (owner) => {
    assert.equal(await owner.run("add", { a: 1n, b: 2n }), 3n);
    assert.ok(Number.isNaN(await owner.run("add", { a: 1, b: undefined })));
    assert.equal(await owner.run("byteLength", new ArrayBuffer(8)), 8);
  });

  withPort("results come in the order of the calls, each with its number", async (owner) => {
    for (let i = 1; i <= 20; i++) assert.equal(await owner.run("scale", i), i * 10);
    assert.deepEqual(owner.answered, Array.from({ length: 20 }, (_, i) => i + 1));
  });

  withPort("calls that are held at once run in order, whatever they carry", async (owner) => {
    const values = [
      ...[1, -0, NaN, "text", { a: [1, { b: null }] }, undefined, null, true, 2n, [3n], "next"],
      ...["x".repeat(20_000), new Date(5), { a: undefined }, 4, new Uint8Array([6, 7]), [], "end"],
    ];
    const { seq, release } = await owner.occupy();
    const seqs = values.map((value) => owner.post("echo", value));
    release();
    await owner.resultOf(seqs.at(-1)!);
    const results = owner.said.flatMap((said) => said.what === "result" ? [said] : []);
    assert.deepEqual(results.map(({ value }) => value), ["released", ...values]);
    assert.ok(Object.is(results[2].value, -0));
    assert.deepEqual(owner.answered, [seq, ...seqs]);
  });

  withPort("room tells how many more calls the worker can hold", async (owner) => {
    const all = owner.port.room;
    const { release } = await owner.occupy();
    assert.equal(owner.port.room, all - 1);
    const seqs = Array.from({ length: all - 1 }, (_, i) => owner.post("echo", { i }));
    assert.equal(owner.port.room, 0);
    release();
    const { value } = await owner.resultOf(seqs.at(-1)!);
    assert.deepEqual(value, { i: all - 2 });
    assert.equal(owner.answered.length, all);
    assert.equal(owner.port.room, all);
  });

  withPort("a call that is taken back is not run, and has no result", async (owner) => {
    const { seq, release } = await owner.occupy();
    const flags = createFlags();
    const started = owner.post("start", flags);
    const values = [1, 2, "a", "b", [1n], [2n], { c: 1 }, { c: 2 }, undefined, undefined];
    const seqs = values.map((value) => owner.post("echo", value));
    assert.equal(owner.port.revoke(started), true);
    assert.equal(owner.port.revoke(started), false, "it is gone");
    for (const [i, seq] of seqs.entries()) if (i % 2 === 0) assert.ok(owner.port.revoke(seq));
    release();
    assert.equal(await owner.run("echo", "last"), "last");
    const left = seqs.filter((_, i) => i % 2 === 1);
    assert.deepEqual(owner.answered, [seq, ...left, seqs.at(-1)! + 1]);
    const echoes = owner.said.flatMap((said) => said.what === "result" ? [said.value] : []);
    assert.deepEqual(echoes, ["released", 2, "b", [2n], { c: 2 }, undefined, "last"]);
    assert.equal(isUp(flags, STARTED), false);
  });

  withPort("a call that runs cannot be taken back, nor one that has ended", async (owner) => {
    const { seq, release } = await owner.occupy();
    assert.equal(owner.port.revoke(seq), false);
    release();
    assert.equal((await owner.resultOf(seq)).value, "released");
    assert.equal(owner.port.revoke(seq), false);
    assert.equal(owner.port.revoke(99), false);
  });

  withPort("poll() tells the results that are there", async (owner) => {
    const { seq, release } = await owner.occupy();
    owner.port.poll();
    assert.equal(owner.answered.length, 0);
    release();
    await until(() => {
      if (owner.port.hasResults) owner.port.poll();
      return owner.answered.length > 0;
    });
    assert.equal(owner.port.hasResults, false);
    assert.deepEqual(owner.answered, [seq]);
    assert.equal(await owner.run("echo", "next"), "next");
  });

  withPort("a running call tells how far it is", async (owner) => {
    const [first, second] = [createFlags(), createFlags()];
    const seqs = [owner.post("tell", first), owner.post("tell", second)];
    const progress = () =>
      owner.said.flatMap((said) => said.what === "progress" ? [[said.seq, said.value]] : []);
    await until(() => progress().length >= 2);
    raise(first, RELEASED);
    await until(() => progress().length >= 4);
    raise(second, RELEASED);
    await owner.resultOf(seqs[1]);
    assert.deepEqual(
      progress(),
      seqs.flatMap((seq) => [[seq, 1], [seq, { done: "half" }]]),
    );
  });

  withPort("a call that has ended tells nothing more", async (owner) => {
    await owner.run("keepReport", null);
    await owner.run("useReport", null);
    await another();
    assert.deepEqual(owner.words, ["ready", "result", "result"]);
  });

  withPort("a failing call gives what was thrown, and the worker goes on", async (owner) => {
    const { ok, value } = await owner.resultOf(owner.post("fail", "broken"));
    assert.equal(ok, false);
    assert.ok(value instanceof Error);
    assert.deepEqual([value.name, value.message], ["TypeError", "broken"]);
    assert.match(value.stack!, /port_jobs/);
    assert.equal(await owner.run("add", { a: 1, b: 2 }), 3);
  });

  withPort("a batch gives its outputs in order, failed items as errors", async (owner) => {
    const { ok, value } = await owner.resultOf(owner.post("scale", [1, -2, 3], [], true));
    assert.equal(ok, true);
    const [first, second, third] = value as unknown[];
    assert.deepEqual([first, third], [10, 30]);
    assert.ok(second instanceof Error);
    const { name, message, input } = second as Error & { input: number };
    assert.deepEqual([name, message, input], ["BelowZeroError", "below 0: -2", -2]);
  });

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

  withoutPort("terminate() ends an idle worker; died comes once and last", async () => {
    const owner = new Owner(createPort);
    await owner.untilReady();
    owner.port.terminate();
    owner.port.terminate();
    assert.deepEqual(owner.words, ["ready"], "died must not come inside terminate()");
    const { isLost, seq } = await owner.untilDead();
    assert.deepEqual([isLost, seq], [false, 0]);
    await another();
    assert.deepEqual(owner.words, ["ready", "died"]);
  });

  withoutPort("terminate() ends a worker that waits in a call", async () => {
    const owner = new Owner(createPort);
    await owner.untilReady();
    const flags = createFlags();
    const running = owner.post("wait", flags);
    await until(() => isUp(flags, STARTED));
    owner.post("echo", "behind it");
    owner.port.terminate();
    const { error, isLost, seq } = await owner.untilDead();
    assert.ok(error instanceof WorkerCrashedError);
    assert.equal(isLost, false);
    assert.equal(seq, running);
    await another();
    assert.deepEqual(owner.words, ["ready", "died"]);
  });

  withoutPort("terminate() ends a worker that is being started", async () => {
    const owner = new Owner(createPort);
    owner.port.terminate();
    await owner.untilDead();
    await another();
    assert.deepEqual(owner.words, ["died"]);
  });

  if (way.stopsLoops) {
    withoutPort("terminate() ends a synchronous endless loop", async () => {
      const owner = new Owner(createPort);
      await owner.untilReady();
      const flags = createFlags();
      owner.post("loopForEver", flags);
      await until(() => isUp(flags, STARTED));
      owner.port.terminate();
      assert.equal((await owner.untilDead()).isLost, false);
      await another();
      assert.deepEqual(owner.words, ["ready", "died"]);
    });
  }

  withoutPort("a worker that exits has died, once", async () => {
    const owner = new Owner(createPort);
    await owner.untilReady();
    owner.post("exit", 3);
    const { error, isLost } = await owner.untilDead();
    assert.ok(error instanceof WorkerCrashedError);
    assert.equal(error.exitCode, way.tellsExitCode ? 3 : undefined);
    assert.equal(isLost, false);
    await another();
    owner.port.terminate();
    await another();
    assert.deepEqual(owner.words, ["ready", "died"]);
  });

  withoutPort("a death tells the call that ran: those before it have results", async () => {
    const owner = new Owner(createPort);
    await owner.untilReady();
    const { seq: before, release } = await owner.occupy();
    const also = owner.post("echo", { b: 1 });
    const killer = owner.post("exit", 3);
    const flags = createFlags();
    owner.post("start", flags);
    release();
    const { seq } = await owner.untilDead();
    assert.equal(seq, killer);
    assert.deepEqual(owner.answered, [before, also]);
    assert.equal(isUp(flags, STARTED), false, "what is behind it has not begun");
  });

  withoutPort("a worker that throws outside its call has died, once", async () => {
    const owner = new Owner(createPort);
    await owner.untilReady();
    owner.post("throwOutside", null);
    const { error } = await owner.untilDead();
    assert.ok(error instanceof WorkerCrashedError);
    assert.match(error.message, /outside/);
    await another();
    assert.deepEqual(owner.words, ["ready", "died"]);
  });

  withoutPort("a worker whose module throws dies with that error, never ready", async () => {
    const owner = new Owner(way.throwing());
    const { error, isLost } = await owner.untilDead();
    assert.ok(error instanceof JobModuleError);
    assert.match(error.message, /Cannot load this module/);
    assert.equal(isLost, false);
    await another();
    assert.deepEqual(owner.words, ["died"]);
  });

  withoutPort(
    "a worker of another protocol version dies, and both versions are named",
    async () => {
      const owner = new Owner(way.otherProtocol());
      const { error } = await owner.untilDead();
      assert.ok(error instanceof JobModuleError);
      assert.match(error.message, /protocol 2/);
      assert.match(error.message, /\b1\b/);
      await another();
      assert.deepEqual(owner.words, ["died"]);
    },
  );

  withoutPort("a worker that lacks a kind dies, and the kind is named", async () => {
    const kinds = { ...jobs.kinds, ghost: { run: () => 1 } };
    const owner = new Owner(way.ports({ ...jobs, kinds }));
    const { error } = await owner.untilDead();
    assert.ok(error instanceof JobModuleError);
    assert.match(error.message, /no kind "ghost"/);
    await another();
    assert.deepEqual(owner.words, ["died"]);
  });

  withoutPort("setup has run before ready", async () => {
    const owner = new Owner(way.hooked(1_000));
    await owner.untilReady();
    assert.equal(await owner.run("wasSetUp", null), true);
    owner.port.terminate();
    await owner.untilDead();
  });

  withoutPort("a worker whose setup throws dies with that error, never ready", async () => {
    const owner = new Owner(way.throwingSetup());
    const { error, seq } = await owner.untilDead();
    assert.ok(error instanceof JobModuleError);
    assert.match(error.message, /Cannot set this up/);
    assert.equal(seq, 0);
    await another();
    assert.deepEqual(owner.words, ["died"]);
  });

  withoutPort("teardown runs before an idle worker ends", async () => {
    const owner = new Owner(way.hooked(60_000));
    await owner.untilReady();
    const flags = createFlags();
    await owner.run("keep", flags);
    owner.port.terminate();
    assert.equal(owner.port.room, 0);
    assert.equal((await owner.untilDead()).isLost, false);
    assert.ok(isUp(flags, TORN_DOWN));
    await another();
    assert.deepEqual(owner.words, ["ready", "result", "died"]);
  });

  withoutPort("a teardown that does not end is given up after teardownMs", async () => {
    const owner = new Owner(way.hooked(100));
    await owner.untilReady();
    await owner.run("hang", null);
    owner.port.terminate();
    assert.equal((await owner.untilDead()).isLost, false);
  });
}
