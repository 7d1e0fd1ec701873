import { STORY_LOAD, STORY_MS, type StoryLine } from "../simulation/live/story.ts";
import type { Style } from "./style.ts";
import { showMs, showShare, toTable } from "./table.ts";

/** What the story is about, before it is told. */
export const STORY_INTRODUCTION: string = `\
The same load three times, for ${STORY_MS / 1_000} s each: 90 % tiny jobs of 20 µs, 10 % heavy ones
of 20 ms, together ${100 * STORY_LOAD} % of what one core can do.`;

/** Formats the story: three lines that say what a router is good for. */
export function toStoryText(lines: readonly StoryLine[], style: Style): string {
  const [heading, ...rows] = toTable([
    ["", "tiny jobs p99", "in budget", "event loop lag p99"],
    ...lines.map(({ about, tinyP99Ms, inBudget, lagP99Ms }) => [
      about,
      `${showMs(tinyP99Ms)} ms`,
      showShare(inBudget, 1),
      `${showMs(lagP99Ms)} ms`,
    ]),
  ]);
  return [style.bold(heading), ...rows].join("\n") + "\n";
}
