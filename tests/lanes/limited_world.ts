import assert from "node:assert/strict";
import type { Policy, Strategy, SubmitOptions } from "../../mod.ts";
import type { AnyKind } from "../../src/define/jobs.ts";
import {
  createWorld,
  defineSet,
  offer,
  type Task,
  type Told,
  type World,
  type WorldOptions,
} from "../virtual/world.ts";

export const LANES: readonly Strategy[] = ["inline", "spawn", "cpu_pool", "batch"];
/** Sends a job to the lane that its cost names. */
const byCost: Policy = {
  name: "by_cost",
  decide: ({ computeCost }) => ({ strategy: LANES[computeCost] ?? "cpu_pool", reason: "test" }),
};

interface KeyedTask extends Task {
  readonly key: string;
}

/** A world with kinds that are limited, and what of them runs. */
export class Limited {
  world!: World;
  readonly limits: Pick<AnyKind, "concurrency" | "concurrencyPerKey">;
  /** Keys of the runs on this thread. */
  readonly here: string[] = [];
  readonly order: number[] = [];
  most = 0;

  constructor(limits: Limited["limits"]) {
    this.limits = limits;
  }

  static async create(limits: Limited["limits"], options: WorldOptions = {}): Promise<Limited> {
    const limited = new Limited(limits);
    const { kind, other } = limited.#kinds();
    limited.world = await createWorld({
      policy: byCost,
      ...options,
      jobs: [defineSet({ kind, other }, "virtual:limited")],
    });
    return limited;
  }

  #kinds(): Record<string, AnyKind> {
    const begin = (key: string) => {
      this.here.push(key);
      this.check();
    };
    const end = (key: string) => void this.here.splice(this.here.indexOf(key), 1);
    const run = ({ key, ms, later, end: how, id }: KeyedTask) => {
      this.order.push(id);
      begin(key);
      const { clock } = this.world;
      if (!later) {
        clock.occupy(ms);
        end(key);
        if (how === "throw") throw new Error("test");
        return id;
      }
      return {
        then: (ok: (id: number) => void, fail: (error: Error) => void) =>
          void clock.setTimer(ms, () => {
            end(key);
            if (how === "throw") fail(new Error("test"));
            else ok(id);
          }, undefined),
      };
    };
    const runBatch = (tasks: readonly KeyedTask[]) => {
      run({ ...tasks[0], later: false });
      return tasks.map(({ id }) => id);
    };
    const kind = { run, runBatch, idempotent: true, ...this.limits } as unknown as AnyKind;
    return { kind, other: { run: () => 1 } as unknown as AnyKind };
  }

  /** Keys of the calls that run, on workers and on this thread. */
  get running(): string[] {
    const onWorkers = this.world.ports.all.flatMap(({ isDead, isLost, call }) => {
      if (isDead || isLost || call === null || call.kind !== "kind") return [];
      return [((call.isBatch ? (call.payload as KeyedTask[])[0] : call.payload) as KeyedTask).key];
    });
    return [...onWorkers, ...this.here];
  }

  check(): void {
    const { running, limits: { concurrency = Infinity, concurrencyPerKey = Infinity } } = this;
    this.most = Math.max(this.most, running.length);
    assert.ok(running.length <= concurrency, `${running.length} run`);
    for (const key of new Set(running)) {
      const count = running.filter((other) => other === key).length;
      assert.ok(count <= concurrencyPerKey, `${count} of ${key} run`);
    }
  }

  offer(lane: number, task: Partial<KeyedTask> = {}, options: SubmitOptions = {}): Told {
    const { key = "" } = task;
    const hints = { computeCost: lane, ...key === "" ? {} : { key }, ...options };
    return offer(this.world, "kind", { key, ...task } as Task, hints);
  }

  /** Lets time pass, and looks on. */
  run(ms: number): void {
    const { clock } = this.world;
    const endMs = clock.now() + ms;
    while (clock.now() < endMs) {
      clock.runUntil(Math.min(endMs, clock.now() + 0.5));
      this.check();
    }
  }
}
