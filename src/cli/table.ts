/** A heading and rows, all of the same length. */
export type Rows = readonly (readonly string[])[];

/**
 * Aligns rows in columns: the first to the left, the others to the right.
 *
 * @param rows The heading and the rows.
 * @returns The lines.
 */
export function toTable(rows: Rows): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column].length))
  );
  return rows.map((row) =>
    row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])
    ).join("  ")
  );
}

/** Formats a count with thousands separators, and a noun in singular or plural. */
export function showCount(count: number, noun?: string): string {
  const figure = String(count).replace(/\B(?=(\d{3})+$)/g, ",");
  if (noun === undefined) return figure;
  return `${figure} ${noun}${count === 1 ? "" : "s"}`;
}

/** Formats a time in ms with about three digits. */
export function showMs(ms: number): string {
  if (ms < 10) return ms.toFixed(2);
  return ms < 100 ? ms.toFixed(1) : showCount(Math.round(ms));
}

/** Formats a part of a whole as a percentage. */
export function showShare(part: number, whole: number): string {
  return whole === 0 ? "-" : `${(100 * part / whole).toFixed(1)} %`;
}

/** Formats a duration in ms for people. */
export function showDuration(ms: number): string {
  if (ms < 1_000) return `${ms === 0 ? 0 : showMs(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 120) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.round(seconds - minutes * 60)} s`;
}
