import type { Dice } from "./dice.ts";
import { type Endurance, type Fault, is, named, type Sketch } from "./fault.ts";
import type { Trick } from "./faulty_kinds.ts";

function killer(name: string, weight: number, needs?: keyof Endurance): Fault {
  const draw = (dice: Dice): Sketch => ({
    kind: named(name, dice),
    input: dice.between(0, 9),
    ends: ["crashed"],
  });
  return { name, weight, needs, draw };
}

function lateKiller(name: string): Fault {
  const draw = (dice: Dice): Sketch => ({
    kind: named(name, dice),
    input: dice.between(0, 12),
    ends: ["crashed"],
    check: is("done"),
    isLate: true,
  });
  return { name, weight: 1, draw };
}

function slow(name: string, inputMs: number, needs?: keyof Endurance): Fault {
  const draw = (dice: Dice): Sketch => ({
    kind: named(name, dice),
    input: inputMs,
    options: { runTimeoutMs: dice.between(10, 40) },
    ends: ["timedOut"],
    check: name === "overrun" ? is("over") : undefined,
  });
  return { name, weight: 1, needs, draw };
}

/** Outlives `terminate()`: its thread is lost until the call is over. */
function drawNativeCall(dice: Dice): Sketch {
  return {
    kind: named("sleep_natively", dice),
    input: dice.between(1_000, 2_000),
    options: { runTimeoutMs: dice.between(10, 40) },
    ends: ["timedOut"],
  };
}

/** Where closing the line does not end the worker, the run timeout does. */
function drawClose(dice: Dice): Sketch {
  const options = { runTimeoutMs: 200 };
  return { kind: named("close", dice), input: 0, options, ends: ["crashed", "timedOut"] };
}

/** Enough items of one kind for a batch, one of them faulty. */
function drawBatch(dice: Dice): readonly Sketch[] {
  const kind = named(dice.pick(["batch_faulty", "batch_faulty_idempotent"]), dice);
  const bad = dice.pick<Trick>(["error", "short", "noArray", "throw", "function", "exit"]);
  const tricks = Array.from({ length: dice.between(3, 8) }, (): Trick => "well");
  tricks[dice.between(0, tricks.length - 1)] = bad;
  return tricks.map((trick) => ({
    kind,
    input: trick,
    // Items of two drawn batches may meet in one.
    ends: ["failed", "crashed"],
    // Alone, as the last to come or after a batch was lost, the odd results look well.
    check: ["well", "short", "noArray", "function"].includes(trick) ? is("well") : undefined,
  }));
}

/** Faults that cost a worker, or time of it. */
export const killingFaults: readonly Fault[] = [
  killer("exit", 2),
  killer("deno_exit", 1, "denoExit"),
  { name: "close", weight: 1, draw: drawClose },
  killer("reject_unheard", 1),
  killer("throw_outside", 1),
  lateKiller("bye"), // its result may be there before its goodbye
  lateKiller("throw_late"),
  lateKiller("reject_late"),
  lateKiller("exit_late"),
  killer("hoard", 0.6, "hoards"),
  slow("loop", 0, "loops"),
  slow("overrun", 60),
  { name: "sleep_natively", weight: 0.2, draw: drawNativeCall },
  slow("stay", 0),
  {
    name: "heed",
    weight: 2,
    draw: (dice) => ({
      kind: "heed",
      input: dice.between(20, 60),
      options: { runTimeoutMs: dice.between(5, 15) },
      ends: ["timedOut"],
      check: is("heeded"),
    }),
  },
  { name: "batch_faulty", weight: 3, draw: drawBatch },
];
