import assert from "node:assert/strict";
import type { WorkerCall } from "../../src/worker_call.ts";
import { macrotask } from "./clock.ts";
import type { HeardTelemetry } from "./heard_telemetry.ts";
import { Invariants } from "./invariants.ts";
import { createPolicy } from "./observed_policy.ts";
import { begins, PlayRecord } from "./play_record.ts";
import type { PortModel } from "./port_model.ts";
import { type Move, type Scenario, SIGNALS, type Submit } from "./scenario.ts";
import { createWorld, serveTask, type Task, Told, type World } from "./world.ts";

/** Plays a scenario and holds every invariant against it, at every moment someone can look. */
export class Play {
  readonly #scenario: Scenario;
  readonly #world: World;
  readonly #record: PlayRecord;
  readonly #invariants: Invariants;
  #depth = 0;
  #closing: Promise<void> | undefined;

  private constructor(scenario: Scenario, world: World, record: PlayRecord) {
    this.#scenario = scenario;
    this.#world = world;
    this.#record = record;
    this.#invariants = new Invariants(scenario, world, record);
  }

  get trace(): readonly string[] {
    return this.#record.trace;
  }

  /** Plays it to its end, seen by `telemetry` if there is one. */
  static async run(scenario: Scenario, telemetry?: HeardTelemetry): Promise<Play> {
    const record = new PlayRecord(telemetry);
    const { known, problems } = record;
    const check = (call: WorkerCall, what: string): void => {
      for (const { id } of tasksOf(call)) {
        if (known[id].told.status !== "pending") problems.push(`settled job ${id} ${what}`);
      }
    };
    const serve: PortModel["serve"] = (call) => {
      check(call, "was sent");
      return serveTask(call);
    };
    const begin: PortModel["begin"] = (call) => {
      for (const { id } of tasksOf(call)) begins(known[id]);
      check(call, "was run");
    };
    const world = await createWorld({
      ...scenario.options,
      workerStartTimeoutMs: 50,
      model: { ...scenario.model, serve, begin },
      policy: createPolicy(scenario, record, (id) => play.#meddle(id)),
      telemetry,
    });
    const play = new Play(scenario, world, record);
    play.#listen();
    await play.#play();
    return play;
  }

  #listen(): void {
    const { listener } = this.#scenario;
    if (listener === "none") return;
    this.#world.router.onDecision((record) => {
      this.#invariants.look("listener");
      this.#invariants.checkDecision(record);
      this.#record.trace.push(JSON.stringify(record));
      if (listener === "submits" && record.jobId % 5 === 0) this.#nested("group");
    });
  }

  async #play(): Promise<void> {
    const { clock, router } = this.#world;
    for (const move of this.#scenario.moves) {
      this.#make(move);
      this.#invariants.look(move.do);
      this.#invariants.rest();
    }
    clock.runUntil(clock.now() + 100_000);
    assert.deepEqual(
      this.#record.known.filter(({ told }) => told.status === "pending"),
      [],
      "unsettled",
    );
    this.#closing ??= router.close();
    clock.runUntil(clock.now() + 100_000);
    await Promise.race([this.#closing, macrotask().then(() => assert.fail("close() hangs"))]);
    this.#invariants.look("end");
    this.#invariants.rest();
    this.#invariants.checkEnd();
  }

  #make(move: Move): void {
    const { clock, ports, router } = this.#world;
    switch (move.do) {
      case "submit":
        return this.#submit(move);
      case "abort":
        return this.#abort(move.signal);
      case "advance":
        return clock.advance(move.ms);
      case "step":
        return void clock.step();
      case "kill":
        return ports.all.at(-1 - move.worker)?.die(new Error("model: killed"));
      case "close": {
        const closing = router.close({ drainMs: move.drainMs });
        this.#closing ??= closing;
      }
    }
  }

  #submit(submit: Submit): void {
    const id = this.#record.known.length;
    const controller = submit.signal === undefined
      ? undefined
      : this.#record.signals[submit.signal];
    const wasOver = controller?.controller.signal.aborted || this.#closing !== undefined;
    const told = new Told(() => {
      this.#invariants.look("sink");
      if (told.jobs.length > 1) this.#record.problems.push(`job ${id} settled twice`);
      if (submit.inSink === "submit") this.#nested("local");
      if (submit.inSink === "abort" && submit.signal !== undefined) this.#abort(submit.signal);
    });
    const onBegin = (): void => {
      begins(known);
      if (told.status !== "pending") this.#record.problems.push(`settled job ${id} was run`);
    };
    const onRun = (): void => {
      this.#invariants.look("run");
      if (submit.inRun === "submit") this.#nested("local_group");
      if (submit.inRun === "abort" && submit.signal !== undefined) this.#abort(submit.signal);
    };
    const known = {
      submit,
      task: { ...submit.task, id, onBegin, onRun },
      told,
      begun: 0,
      begunMoment: NaN,
    };
    this.#record.known.push(known);
    const signal = controller?.controller.signal;
    const options = signal === undefined ? submit.hints : { ...submit.hints, signal };
    this.#world.router.offer(submit.kind, known.task, options, told);
    if (wasOver) assert.equal(told.status, "refused");
  }

  /** A submit from inside a callback. */
  #nested(kind: string): void {
    if (this.#depth > 3 || this.#record.known.length > 200) return;
    this.#depth++;
    this.#submit({
      do: "submit",
      kind,
      hints: { computeCost: 5_000, scalingPotential: kind === "local" ? 0.1 : 0.9 },
      task: { ms: 3 },
      signal: undefined,
      inRun: "nothing",
      inSink: "nothing",
    });
    this.#depth--;
  }

  /** An abort settles every job of the signal before it returns. */
  #abort(place: number): void {
    const { controller, reason } = this.#record.signals[place];
    if (controller.signal.aborted) return;
    const mine = this.#record.known.filter(({ submit, told }) =>
      submit.signal === place && told.status === "pending"
    );
    controller.abort(reason);
    for (const { told, task } of mine) {
      const { status } = told;
      if (status === "pending") this.#record.problems.push(`job ${task.id} outlives its signal`);
      if (status === "cancelled" && told.job!.value !== reason) {
        this.#record.problems.push("reason changed");
      }
    }
  }

  /** What a policy must not do. */
  #meddle(id: number): void {
    if (id % 7 === 0) this.#abort(id % SIGNALS);
  }
}

function tasksOf({ isBatch, payload }: WorkerCall): readonly Task[] {
  return isBatch ? payload as readonly Task[] : [payload as Task];
}
