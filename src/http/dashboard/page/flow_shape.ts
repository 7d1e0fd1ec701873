/** One arrow of the picture, in pixels. */
export interface Arrow {
  /** Path of its middle. */
  readonly path: string;
  readonly width: number;
}

/** Sizes of the picture. */
export interface FlowSize {
  /** Width of the part between policy and lanes. */
  readonly width: number;
  /** Height of one lane's row. */
  readonly rowHeight: number;
}

const THINNEST = 1.5;
const MOST = 46;

/** Width of the arrow of all jobs: grows with the order of magnitude, so a few jobs can be seen, too. */
export function trunkWidth(perSecond: number): number {
  if (!(perSecond > 0)) return 0;
  return Math.min(MOST, 4 + 8.4 * Math.log10(1 + perSecond));
}

/**
 * Arrows from the policy to its lanes: each takes its share of the trunk's width and leaves it beside
 * the one before.
 *
 * @param rates Jobs per second, lane by lane.
 * @returns One arrow for each; width 0 where nothing flows.
 */
export function flowArrows(rates: readonly number[], size: FlowSize): Arrow[] {
  const sum = rates.reduce((total, rate) => total + rate, 0);
  const trunk = trunkWidth(sum);
  const middle = size.rowHeight * rates.length / 2;
  const widths = rates.map((rate) => rate > 0 ? Math.max(THINNEST, trunk * rate / sum) : 0);
  let top = middle - widths.reduce((total, width) => total + width, 0) / 2;
  return rates.map((_, lane) => {
    const width = widths[lane];
    const from = width > 0 ? top + width / 2 : middle;
    top += width;
    const to = size.rowHeight * (lane + 0.5);
    const bend = round(size.width / 2);
    const path = `M0 ${round(from)}C${bend} ${round(from)} ${bend} ${round(to)} ${
      round(size.width)
    } ${round(to)}`;
    return { path, width: round(width) };
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
