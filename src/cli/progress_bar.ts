import type { Stream } from "./output.ts";
import { showCount, showDuration } from "./table.ts";

/** Shown from then on. */
const DELAY_MS = 1_000;
const INTERVAL_MS = 250;
const WIDTH = 24;

/** Options of {@linkcode startProgressBar}. */
export interface ProgressBarOptions {
  /** How many there are to come. */
  readonly total: number;
  /** How many are done by now. */
  readonly done: () => number;
  /** How long it takes at least, in ms, if that is known beforehand, else 0. */
  readonly spanMs: number;
}

/**
 * Shows how far a run has come, on a terminal only and once it has taken over a second.
 *
 * @param stream Where.
 * @param options What is counted.
 * @returns Takes it away.
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

/** The line of a progress bar. */
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
