/// <reference lib="dom" />
import { byId, fillRows, make, swatch, write } from "./elements.ts";
import { showCount, showShare } from "./format.ts";
import { lookOf } from "./strategy.ts";
import type { Panel } from "./view.ts";

const MAX_ROWS = 50;

/** Where a candidate would decide otherwise; hidden while there is none. */
export function createShadow(): Panel {
  const panel = byId("shadow");
  const body = byId("shadow-body", HTMLTableSectionElement);
  const note = byId("shadow-note");
  const table = byId("shadow-table");
  const empty = byId("shadow-empty");
  return {
    draw({ stats: { policy, shadow } }) {
      panel.hidden = shadow === undefined;
      if (shadow === undefined) return;
      const { candidate, jobs, faults } = shadow;
      const all = [...shadow.differences].sort((a, b) => b.jobs - a.jobs).slice(0, MAX_ROWS);
      const differing = shadow.differences.reduce((sum, one) => sum + one.jobs, 0);
      const failed = faults === 0 ? "no faults" : `${showCount(faults)} faults`;
      write(
        note,
        `${candidate} beside ${policy}: ${showCount(jobs)} jobs asked, ${
          showCount(differing)
        } differ (${showShare(differing, jobs)}), ${failed}`,
      );
      fillRows(
        body,
        all.map(({ kind, live, candidate, jobs: count }) => [
          kind,
          lookOf(live).label,
          lookOf(candidate).label,
          showCount(count),
          showShare(count, jobs),
        ]),
      );
      for (const [i, { live, candidate }] of all.entries()) {
        const { cells } = body.rows[i];
        for (const [cell, strategy] of [[cells[1], live], [cells[2], candidate]] as const) {
          const { label, colour } = lookOf(strategy);
          cell.replaceChildren(swatch(colour), make("span", "", label));
        }
      }
      table.hidden = all.length === 0;
      empty.hidden = all.length > 0;
    },
  };
}
