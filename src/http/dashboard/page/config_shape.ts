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
 * The change to ask for: what was edited, and the whole policy if any of its figures was.
 *
 * @param config What the server has.
 * @param edits New values by path.
 */
export function toChange(config: Config, edits: ReadonlyMap<string, number | null>): Config {
  const change: Record<string, unknown> = {};
  for (const [path, value] of edits) {
    if (!path.startsWith("policy.")) change[path] = value;
    else change.policy ??= { ...config.policy as Config };
  }
  for (const [path, value] of edits) {
    if (path.startsWith("policy.")) {
      (change.policy as Record<string, unknown>)[path.slice("policy.".length)] = value;
    }
  }
  return change;
}

/** What a field's text says; `NaN` where it is no figure, which the server then refuses. */
export function readFigure(text: string): number | null {
  const plain = text.replace(/[,\s]/g, "");
  return plain === "" ? null : Number(plain);
}
