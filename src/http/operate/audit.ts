import type { RouterConfig } from "../../../mod.ts";
import type { DemoRun } from "./demo.ts";

/** A change that was made over HTTP. */
export type AuditRecord = ConfigAudit | DemoAudit;

/** `PATCH /api/config` changed something. */
export interface ConfigAudit {
  /** What was done. */
  readonly action: "configure";
  /** The changed settings, with their values before. */
  readonly before: Partial<RouterConfig>;
  /** The same settings, with their values after. */
  readonly after: Partial<RouterConfig>;
}

/** `POST /api/demo` started or stopped a load. */
export interface DemoAudit {
  /** What was done. */
  readonly action: "demo";
  /** What was requested. */
  readonly run: DemoRun;
}

/** The differences between two configurations; `undefined` if there are none. */
export function toConfigAudit(before: RouterConfig, after: RouterConfig): ConfigAudit | undefined {
  const limits = differing(before, after, "policy");
  const policy = differing(before.policy ?? {}, after.policy ?? {});
  if (limits.length + policy.length === 0) return undefined;
  const pick = (config: RouterConfig): Partial<RouterConfig> => ({
    ...only(config, limits),
    ...policy.length === 0 ? {} : { policy: only(config.policy ?? {}, policy) },
  });
  return { action: "configure", before: pick(before), after: pick(after) };
}

type Values = object;

function differing(before: Values, after: Values, except?: string): string[] {
  const values = before as Readonly<Record<string, unknown>>;
  return Object.entries(after).filter(([name, value]) => name !== except && values[name] !== value)
    .map(([name]) => name);
}

function only<T extends Values>(values: T, names: readonly string[]): T {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name))) as T;
}
