import type { Row, Table } from "./run_suite.ts";
import type { Column } from "./suite.ts";

/** Tells how the ratios are to be read. */
export const RATIO_LEGEND = "Medians of the rounds; in brackets: divided by our own figure";

/** A table for a terminal. */
export function toText(table: Table): string {
  const { head, lines } = layOut(table);
  const [first, ...others] = alignColumns([
    head,
    ...lines.map(({ name, cells }) => [name, ...cells]),
  ]);
  const shown = others.map((line, i) => lines[i].note === "" ? line : `${line}  ${lines[i].note}`);
  return [titleOf(table), first, ...shown].join("\n");
}

/** Lines of cells, one below the other: the first `left` columns begin, all others end together. */
export function alignColumns(rows: readonly (readonly string[])[], left = 1): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row.map((cell, i) => i < left ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ")
  );
}

/** The same for a document. */
export function toMarkdown(table: Table): string {
  const { head, lines } = layOut(table);
  const toLine = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rows = lines.map(({ name, cells, note }) => {
    const filled = head.slice(1).map((_, i) => cells[i] ?? "");
    if (cells.length === 0) filled[0] = note;
    return toLine([cells.length > 0 && note !== "" ? `${name} (${note})` : name, ...filled]);
  });
  const rule = toLine(["---", ...head.slice(1).map(() => "---:")]);
  return [`**${titleOf(table)}**`, "", toLine(head), rule, ...rows].join("\n");
}

/** A contestant as it is shown: without figures only its note, without trouble only its cells. */
interface Line {
  readonly name: string;
  readonly cells: readonly string[];
  readonly note: string;
}

function layOut({ suite, rows }: Table): { head: readonly string[]; lines: readonly Line[] } {
  const ours = rows.find(({ contestant }) => contestant === suite.ours);
  const columns = suite.columns.filter(({ metric }) =>
    rows.some(({ figures }) => figures[metric] !== undefined)
  );
  const lines = rows.map((row) => {
    const isEmpty = Object.keys(row.figures).length === 0;
    const cells = isEmpty ? [] : columns.map((column) => cellOf(column, row, ours));
    return { name: row.contestant, cells, note: row.note };
  });
  const titles = columns.map(({ metric, unit }) => `${metric}, ${unit}`);
  return { head: ["contestant", ...titles], lines };
}

function titleOf({ suite, case: name }: Table): string {
  return name === "" ? suite.name : `${suite.name}: ${name}`;
}

function cellOf({ metric, ratio = true }: Column, row: Row, ours: Row | undefined): string {
  const value = row.figures[metric];
  if (value === undefined) return "";
  const base = ours?.figures[metric];
  if (!ratio || ours === row || base === undefined || !(base > 0)) return shown(value);
  return `${shown(value)} (${shown(value / base)}×)`;
}

/** About three digits. */
export function shown(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(value >= 1e5 ? 0 : 1)} k`;
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value >= 0.1 || value === 0 ? value.toFixed(2) : value.toPrecision(2);
}
