import type { KeptTime, TimerHandle } from "./kept_time.ts";

/** Newer than the library that is compiled against. */
type WaitAsync = (
  array: Int32Array,
  index: number,
  value: number,
  timeoutMs: number,
) => { readonly value: string | Promise<string> };

/** The part of Bun's globals that is used. */
interface BunScope {
  readonly Bun: { randomUUIDv7?(encoding: "hex"): string };
  readonly performance: { readonly timeOrigin: number };
  readonly setTimeout: { readonly clock?: unknown };
}

/**
 * Time on Bun. The fake timers of `bun test` stop the clocks and timers themselves, whoever has kept the
 * functions; meanwhile `setTimeout` has a `clock`. What they leave alone are the moment in a UUID and
 * `Atomics.waitAsync`, so these step in.
 */
export function bunTime({ Bun, performance, setTimeout }: BunScope, real: KeptTime): KeptTime {
  const { waitAsync } = Atomics as { readonly waitAsync?: WaitAsync };
  if (Bun.randomUUIDv7 === undefined || waitAsync === undefined) return real;
  const originMs = performance.timeOrigin;
  return {
    now: () =>
      setTimeout.clock === undefined ? real.now() : momentOf(Bun.randomUUIDv7!("hex")) - originMs,
    setTimeout: (fn, delayMs, arg) =>
      setTimeout.clock === undefined
        ? real.setTimeout(fn, delayMs, arg)
        : new Wait(waitAsync, delayMs, () => fn(arg)),
    clearTimeout: (handle: TimerHandle | Wait) =>
      handle instanceof Wait ? handle.cancel() : real.clearTimeout(handle),
  };
}

/** When a UUID of version 7 was made, in ms since 1970: its first 48 bits. */
function momentOf(uuid: string): number {
  return parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);
}

/** A timer that no fake stops. */
class Wait {
  readonly #flag = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  constructor(waitAsync: WaitAsync, delayMs: number, fn: () => void) {
    const { value } = waitAsync(this.#flag, 0, 0, Math.max(delayMs, 1));
    void Promise.resolve(value).then((ending) => {
      if (ending === "timed-out") fn();
    });
  }

  unref(): void {
    // It cannot; tests end anyway.
  }

  cancel(): void {
    Atomics.notify(this.#flag, 0);
  }
}
