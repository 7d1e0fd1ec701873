/// <reference lib="dom" />
import { byId, make, write } from "./elements.ts";
import { showCount } from "./format.ts";
import type { Panel } from "./view.ts";
import type { WorkerCounts } from "./stats.ts";

const SHOWN: readonly (readonly [keyof WorkerCounts, string])[] = [
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
      for (const { name, value } of values) write(value, showCount(workers[name]));
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
