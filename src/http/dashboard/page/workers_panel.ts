/// <reference lib="dom" />
import { byId, make, write } from "./elements.ts";
import { showCount } from "./format.ts";
import type { Panel } from "./view.ts";
import type { WorkerCounts } from "./stats.ts";

const SHOWN: readonly (readonly [Exclude<keyof WorkerCounts, "crashes">, string])[] = [
  ["busy", "busy"],
  ["idle", "ready, idle"],
  ["starting", "starting"],
  ["lost", "not stopped"],
  ["started", "started so far"],
  ["crashed", "crashed"],
  ["recycled", "recycled"],
];

const MAX_DOTS = 64;

/** The pool's workers. */
export function createWorkers(): Panel {
  const list = byId("workers");
  const dots = byId("worker-dots");
  const note = byId("workers-note");
  const values = SHOWN.map(([name, label]) => {
    const value = make("dd", "", "–");
    list.append(make("div", "", [make("dt", "", label), value]));
    return { name, value };
  });
  return {
    draw({ stats: { workers, load } }) {
      for (const { name, value } of values) {
        const causes = name === "crashed" ? causesOf(workers) : "";
        write(value, showCount(workers[name]) + causes);
      }
      const states = [
        ...Array<string>(workers.busy).fill("busy"),
        ...Array<string>(workers.idle).fill("idle"),
        ...Array<string>(workers.starting).fill("starting"),
        ...Array<string>(workers.lost).fill("lost"),
      ];
      while (states.length < load.cpuParallelism) states.push("none");
      const shown = states.slice(0, MAX_DOTS);
      while (dots.childElementCount > shown.length) dots.lastElementChild!.remove();
      while (dots.childElementCount < shown.length) dots.append(make("i"));
      for (const [i, state] of shown.entries()) dots.children[i].className = state;
      write(note, load.poolOpen ? `at most ${load.cpuParallelism}` : "the pool is closed");
    },
  };
}

/** Why workers have died, to go behind how many have; a router of before does not tell. */
export function causesOf(
  { crashes = {} }: { readonly crashes?: Readonly<Record<string, number>> },
): string {
  const causes = Object.entries(crashes).filter(([, count]) => count > 0);
  if (causes.length === 0) return "";
  const told = causes.map(([cause, count]) => `${cause.replaceAll("_", " ")} ${showCount(count)}`);
  return ` (${told.join(", ")})`;
}
