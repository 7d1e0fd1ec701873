import type { SubmitOptions } from "../../mod.ts";
import { containedFaults } from "./contained_faults.ts";
import type { Dice } from "./dice.ts";
import type { Endurance } from "./fault.ts";
import { killingFaults } from "./killing_faults.ts";
import { drawNormal } from "./normal_trials.ts";
import type { AbortTime, End, Submission, Trial } from "./trial.ts";

const FAULTY_SHARE = 0.25;
const KILLING_SHARE = 0.35;
const BUDGET_SHARE = 0.06;
const ABORT_SHARE = 0.08;
const PAUSE_SHARE = 0.15;

/** Draws what is submitted, one after the other, for ever. */
export class Plan {
  readonly #dice: Dice;
  #loops: number;
  #ready: Trial[] = [];

  /** @param loops Synchronous endless loops that may be drawn. */
  constructor(dice: Dice, loops: number) {
    this.#dice = dice;
    this.#loops = loops;
  }

  next(endurance: Omit<Endurance, "loops">): Submission {
    const dice = this.#dice;
    if (this.#ready.length === 0) this.#ready = this.#draw(endurance);
    const trial = this.#ready.shift()!;
    const priority = dice.chance(0.5) ? dice.between(0, 9) : undefined;
    const isBad = trial.ends.includes("refused");
    const budgetMs = dice.chance(BUDGET_SHARE) ? dice.between(1, 10) : undefined;
    const abort = dice.chance(ABORT_SHARE) ? this.#drawAbort() : undefined;
    const way = dice.pick(["submit", "run", "offer", "offer"] as const);
    const pauseMs = dice.chance(PAUSE_SHARE) ? dice.between(0, 4) : undefined;
    if (isBad) return { trial, way, abort: undefined, pauseMs };
    const options: SubmitOptions = {
      ...trial.options,
      ...priority === undefined ? {} : { priority },
      ...budgetMs === undefined ? {} : { latencyBudgetMs: budgetMs },
    };
    const ends: End[] = [...trial.ends];
    if (budgetMs !== undefined) ends.push("dropped");
    if (abort !== undefined) ends.push("cancelled");
    const fault = trial.fault ?? (abort ? `abort_${abort.time}` : budgetMs && "short_budget");
    return { trial: { ...trial, options, ends, fault: fault || undefined }, way, abort, pauseMs };
  }

  #draw(endurance: Omit<Endurance, "loops">): Trial[] {
    const dice = this.#dice;
    if (!dice.chance(FAULTY_SHARE)) return [drawNormal(dice)];
    const all = { ...endurance, loops: this.#loops };
    const faults = dice.chance(KILLING_SHARE) ? killingFaults : containedFaults;
    const fault = dice.weigh(faults.filter(({ needs }) => needs === undefined || all[needs]));
    if (fault.name === "loop") this.#loops--;
    return [fault.draw(dice)].flat().map((sketch) => ({
      kind: sketch.kind,
      input: sketch.input,
      options: sketch.options ?? {},
      fault: fault.name,
      ends: sketch.ends ?? [],
      check: sketch.check,
      isLate: sketch.isLate,
    }));
  }

  #drawAbort(): { time: AbortTime; afterMs: number } {
    const time = this.#dice.pick<AbortTime>(["before", "queued", "running", "running", "settled"]);
    return { time, afterMs: this.#dice.between(1, 30) };
  }
}
