import type { Stream } from "./output.ts";
import { showCount, showDuration } from "./table.ts";

/** Delay before the bar is shown. */
const DELAY_MS = 1_000;
const INTERVAL_MS = 250;
const WIDTH = 24;

/** Options of {@linkcode startProgressBar}. */
export interface ProgressBarOptions {
  /** Total number of items. */
  readonly total: number;
  /** Returns the number of items done so far. */
  readonly done: () => number;
  /** Minimum duration, in ms, if known in advance; otherwise 0. */
  readonly spanMs: number;
}

/**
 * Shows the progress of a run, on a terminal only and once it has taken over a second.
 *
 * @param stream The stream to write to.
 * @param options What is counted.
 * @returns A function that removes the bar.
 */
export function startProgressBar(stream: Stream, options: ProgressBarOptions): () => void {
  if (stream.isTTY !== true) return () => {};
  const startMs = performance.now();
  let isShown = false;
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs < DELAY_MS) return;
    const line = toProgressLine(options, elapsedMs);
    stream.write(`\r${line.slice(0, (stream.columns ?? 80) - 1)}\x1b[K`);
    isShown = true;
  }, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    if (isShown) stream.write("\r\x1b[K");
  };
}

/** Formats the line of a progress bar. */
export function toProgressLine(options: ProgressBarOptions, elapsedMs: number): string {
  const { total, spanMs } = options;
  const done = options.done();
  const share = total === 0 ? 1 : done / total;
  const filled = Math.round(share * WIDTH);
  const bar = "#".repeat(filled) + ".".repeat(WIDTH - filled);
  const leftMs = spanMs > 0 ? Math.max(0, spanMs - elapsedMs) : elapsedMs * (1 - share) / share;
  const left = leftMs < Infinity ? `, ${showDuration(leftMs)} left` : "";
  return `[${bar}] ${Math.floor(share * 100)} %  ${showCount(done)} of ${showCount(total)}${left}`;
}
