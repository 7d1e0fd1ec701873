import assert from "node:assert/strict";
import type { MapInputs, MapItem, MapOptions } from "../../mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { macrotask } from "../virtual/clock.ts";
import { createWorld, type Task, type World, type WorldOptions } from "../virtual/world.ts";

/** Two workers. */
export function createPoolWorld(options: WorldOptions = {}): Promise<World> {
  return createWorld({ policy: forcedPolicy("cpu_pool"), minWorkers: 2, ...options });
}

/** A source that notes how it is used. */
export class Source implements AsyncIterableIterator<Task> {
  asked = 0;
  returned = 0;
  readonly #count: number;
  readonly #taskOf: (index: number) => Partial<Task>;

  constructor(count: number, taskOf: (index: number) => Partial<Task> = () => ({})) {
    this.#count = count;
    this.#taskOf = taskOf;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Task>> {
    const id = this.asked++;
    if (id >= this.#count) return Promise.resolve({ done: true, value: undefined });
    return Promise.resolve({ done: false, value: { id, ms: 10, ...this.#taskOf(id) } });
  }

  return(): Promise<IteratorResult<Task>> {
    this.returned++;
    return Promise.resolve({ done: true, value: undefined });
  }
}

/** So many tasks, all of the same length. */
export function tasks(count: number, ms = 10): Task[] {
  return Array.from({ length: count }, (_, id) => ({ id, ms }));
}

/** Reads all outputs while the clock runs. */
export async function collect<T>(world: World, outputs: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  const reading = (async () => {
    for await (const output of outputs) found.push(output);
  })();
  await run(world, reading);
  return found;
}

/** Runs the clock until a promise has settled. */
export async function run<T>({ clock }: World, promise: Promise<T>): Promise<T> {
  let isOver = false;
  const end = (): void => void (isOver = true);
  promise.then(end, end);
  await macrotask();
  for (let turns = 0; !isOver; turns++) {
    assert.ok(turns < 20_000 && (clock.step() || turns < 10), "it never ends");
    await macrotask();
  }
  return promise;
}

/** The outputs of tasks that any lane could run. */
export function map(
  { router }: World,
  inputs: MapInputs<unknown>,
  options: MapOptions<unknown> = {},
): AsyncGenerator<unknown, void, undefined> {
  return router.map("shared", inputs, { ...options, settled: false });
}

/** The same as items. */
export function items(
  { router }: World,
  inputs: MapInputs<unknown>,
  options: MapOptions<unknown> = {},
): AsyncGenerator<MapItem<unknown>, void, undefined> {
  return router.map("shared", inputs, { ...options, settled: true });
}

/** What so many tasks give. */
export function doubled(count: number): number[] {
  return Array.from({ length: count }, (_, id) => id * 2);
}
