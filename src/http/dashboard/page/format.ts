/** Shown for what is not known. */
export const UNKNOWN = "–";

type Figure = number | null | undefined;

function isKnown(value: Figure): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** A number with its thousands set apart, whatever the language of the browser: figures line up. */
export function showCount(value: Figure): string {
  if (!isKnown(value)) return UNKNOWN;
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A number in at most five characters: 0, 9.4, 812, 12.3k, 1.2M. */
export function showShort(value: Figure): string {
  if (!isKnown(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (size < 9.95) return size < 0.05 ? "0" : trimZero(value.toFixed(1));
  if (size < 9_999.5) return showCount(value);
  for (const [unit, suffix] of [[1e3, "k"], [1e6, "M"], [1e9, "G"]] as const) {
    const scaled = value / unit;
    if (Math.abs(scaled) < 999.5) {
      return trimZero(scaled.toFixed(Math.abs(scaled) < 99.95 ? 1 : 0)) + suffix;
    }
  }
  return value.toExponential(1);
}

/** A time with its unit: 12 µs, 1.25 ms, 340 ms, 2.50 s. */
export function showMs(ms: Figure): string {
  if (!isKnown(ms)) return UNKNOWN;
  if (ms === 0) return "0 ms";
  if (ms < 0.9995) return `${Math.max(1, Math.round(ms * 1_000))} µs`;
  if (ms < 9.995) return `${ms.toFixed(2)} ms`;
  if (ms < 99.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 99_995) return `${(ms / 1_000).toFixed(ms < 9_995 ? 2 : 1)} s`;
  return `${showCount(ms / 1_000)} s`;
}

/** The same without zeros that say nothing, for axes and round figures: 5 ms, 2.5 ms. */
export function showRoundMs(ms: Figure): string {
  return showMs(ms).replace(/(\.\d*?)0+ /, "$1 ").replace(". ", " ");
}

/** A part of a whole, in per cent. */
export function showShare(part: Figure, whole: Figure): string {
  if (!isKnown(part) || !isKnown(whole) || whole <= 0) return UNKNOWN;
  const share = 100 * part / whole;
  if (share > 0 && share < 0.1) return "<0.1 %";
  return `${
    share < 10 || (share > 99 && share < 100) ? trimZero(share.toFixed(1)) : Math.round(share)
  } %`;
}

/** How long something has been going on, as people say it. */
export function showAge(ms: Figure): string {
  if (!isKnown(ms)) return UNKNOWN;
  const seconds = Math.floor(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (minutes === 0) return `${seconds} s`;
  if (hours === 0) return `${minutes} min ${seconds % 60} s`;
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The time of day, to the second. */
export function showClock(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, "0")).join(":");
}

function trimZero(text: string): string {
  return text.replace(/\.0$/, "");
}
