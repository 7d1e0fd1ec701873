import { readVariable } from "./environment.ts";
import type { Stream } from "./output.ts";

/** Colours text, or leaves it as it is. */
export interface Style {
  /** Headings. */
  readonly bold: (text: string) => string;
  /** Less important text. */
  readonly dim: (text: string) => string;
  /** Good results. */
  readonly good: (text: string) => string;
  /** Bad results. */
  readonly bad: (text: string) => string;
}

/** No colours. */
export const PLAIN: Style = { bold: same, dim: same, good: same, bad: same };

const COLOURED: Style = {
  bold: (text) => `\x1b[1m${text}\x1b[22m`,
  dim: (text) => `\x1b[2m${text}\x1b[22m`,
  good: (text) => `\x1b[32m${text}\x1b[39m`,
  bad: (text) => `\x1b[31m${text}\x1b[39m`,
};

/** Colour on a terminal, unless `NO_COLOR` is set or the terminal is dumb. */
export function styleOf(stream: Stream): Style {
  const isPlain = stream.isTTY !== true || readVariable("NO_COLOR") !== undefined ||
    readVariable("TERM") === "dumb";
  return isPlain ? PLAIN : COLOURED;
}

function same(text: string): string {
  return text;
}
