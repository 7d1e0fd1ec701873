/// <reference lib="dom" />
import { byId, fillRows, make } from "./elements.ts";
import { showCount, showShort } from "./format.ts";
import type { Panel } from "./view.ts";

/** What the reasons mean; a policy may have others, which are shown by their names alone. */
const MEANINGS: Readonly<Record<string, string>> = {
  too_late: "it is not expected to be done within its budget",
  budget_too_short: "the kind takes longer than the budget",
  loop_late: "the router's thread is too late for the budget",
  pool_saturated: "the pool's queue is full, or too slow for the budget",
  spawn_saturated: "what waits on the thread takes too long for the budget",
  lane_full: "the chosen lane and those it overflows to are full",
  expired: "waiting left too little of the budget, or none",
  workers_lost: "too many threads are lost",
  kind_quarantined: "the kind has killed too many workers",
};

/** Drops by reason. */
export function createDrops(): Panel {
  const table = byId("drops", HTMLTableElement);
  const body = table.tBodies[0];
  const empty = byId("drops-empty");
  return {
    draw({ stats, rates }) {
      const all = Object.entries(stats.dropReasons).filter(([, count]) => count > 0);
      const lastMinute = stats.windows?.last1min.dropReasons;
      all.sort((a, b) => b[1] - a[1]);
      fillRows(
        body,
        all.map(([reason, count]) => [
          reason,
          showShort(rates?.dropReasons[reason]),
          showShort(lastMinute === undefined ? undefined : lastMinute[reason] ?? 0),
          showCount(count),
        ]),
      );
      for (const [i, [reason]] of all.entries()) explain(body.rows[i].cells[0], reason);
      table.hidden = all.length === 0;
      empty.hidden = all.length > 0;
    },
  };
}

/** Puts the meaning below the reason's name. */
function explain(cell: HTMLTableCellElement, reason: string): void {
  const meaning = MEANINGS[reason];
  if (meaning === undefined) return;
  cell.replaceChildren(make("code", "", reason), make("small", "", meaning));
}
