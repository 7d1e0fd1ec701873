import type { HttpIssue } from "../api/error.ts";

/** Converts an issue of any Standard Schema; its path starts at the body. */
export function toIssue(
  issue: {
    readonly message: string;
    readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
  },
): HttpIssue {
  const path = (issue.path ?? []).map((step) => typeof step === "object" ? step.key : step)
    .map((key) => typeof key === "symbol" ? String(key) : key);
  return { path, message: issue.message };
}
