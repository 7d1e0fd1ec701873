import type { Family, Labels } from "./families.ts";

/** A text format for metrics. */
export interface TextFormat {
  /** Its media type. */
  readonly contentType: string;
  /** Formats metrics. */
  write(families: readonly Family[]): string;
}

/** The text format of Prometheus, version 0.0.4. */
export const PROMETHEUS: TextFormat = {
  contentType: "text/plain; version=0.0.4; charset=utf-8",
  write: (families) => families.map(toPrometheus).join(""),
};

/** OpenMetrics 1.0: with units, and an end marker that shows that the text is complete. */
export const OPEN_METRICS: TextFormat = {
  contentType: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  write: (families) => families.map(toOpenMetrics).join("") + "# EOF\n",
};

/**
 * The format that a client prefers.
 *
 * @param accept Its `Accept` header.
 * @returns OpenMetrics if it ranks first, otherwise the text format of Prometheus.
 */
export function formatFor(accept: string | undefined): TextFormat {
  const ranks = { open: 0, plain: 0 };
  for (const part of (accept ?? "").split(",")) {
    const [type, ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith("q="));
    const rank = q === undefined ? 1 : Number(q.slice(2)) || 0;
    if (type === "application/openmetrics-text") ranks.open = Math.max(ranks.open, rank);
    else if (type === "text/plain") ranks.plain = Math.max(ranks.plain, rank);
  }
  return ranks.open > 0 && ranks.open >= ranks.plain ? OPEN_METRICS : PROMETHEUS;
}

/** In this format names include the suffix of the samples, and there is no type `info`. */
function toPrometheus({ name, type, help, samples }: Family): string {
  const ending = type === "counter" ? "_total" : type === "info" ? "_info" : "";
  const head = headOf(name + ending, type === "info" ? "gauge" : type, help);
  return head + linesOf(name, samples);
}

function toOpenMetrics({ name, type, help, unit, samples }: Family): string {
  const unitLine = unit === undefined ? "" : `# UNIT ${name} ${unit}\n`;
  const canonical = samples.map(([suffix, labels, value]) =>
    [suffix, "le" in labels ? { ...labels, le: toCanonical(labels.le) } : labels, value] as const
  );
  return headOf(name, type, help) + unitLine + linesOf(name, canonical);
}

/** OpenMetrics requires the canonical form of bounds: `1.0` and `2.5e-05`. */
function toCanonical(bound: string): string {
  if (bound === "+Inf") return bound;
  const value = Number(bound);
  if (Number.isInteger(value)) return `${bound}.0`;
  if (value >= 1e-4) return bound;
  const [digits, exponent] = value.toExponential().split("e-");
  return `${digits}e-${exponent.padStart(2, "0")}`;
}

function headOf(name: string, type: string, help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

function linesOf(name: string, samples: Family["samples"]): string {
  return samples.map(([suffix, labels, value]) => toLine(name + suffix, labels, value)).join("");
}

function toLine(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}\n`;
}

function escapeLabel(text: string): string {
  return text.replace(/[\\"\n]/g, (found) => found === "\n" ? "\\n" : `\\${found}`);
}
