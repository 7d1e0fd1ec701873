/** Configuration as the server tells it: figures, and the figures of the policy. */
export type Config = Readonly<Record<string, unknown>>;

/** One figure that can be changed. */
export interface Field {
  /** Its name, that of a policy's figure after `policy.`. */
  readonly path: string;
  readonly value: number | null;
}

/** Fields of a configuration, in its order; what is not a figure is left out. */
export function toFields(config: Config, writable: readonly string[]): Field[] {
  return writable.flatMap((name) => {
    const value = config[name];
    if (name === "policy") {
      if (typeof value !== "object" || value === null) return [];
      return Object.entries(value).flatMap(([key, figure]) =>
        typeof figure === "number" ? [{ path: `policy.${key}`, value: figure }] : []
      );
    }
    // JSON has no Infinity: a limit that is not set comes as null, or not at all.
    return typeof value === "number" || value === null || value === undefined
      ? [{ path: name, value: typeof value === "number" ? value : null }]
      : [];
  });
}

/**
 * The change to ask for: what was edited, and nothing else.
 *
 * @param edits New values by path.
 */
export function toChange(edits: ReadonlyMap<string, number | null>): Config {
  const change: Record<string, unknown> = {};
  const policy: Record<string, unknown> = {};
  for (const [path, value] of edits) {
    if (path.startsWith("policy.")) policy[path.slice("policy.".length)] = value;
    else change[path] = value;
  }
  return Object.keys(policy).length === 0 ? change : { ...change, policy };
}

/** What a field's text says; `NaN` where it is no figure, which the server then refuses. */
export function readFigure(text: string): number | null {
  const plain = text.replace(/[,\s]/g, "");
  return plain === "" ? null : Number(plain);
}
