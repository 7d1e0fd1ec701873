import type { DropReason } from "../outcome.ts";

/** Maximum number of a policy's own drop reasons; any further one counts as `other`. */
const MAX_REASONS = 64;
/** Maximum length of such a reason, in characters. */
const MAX_LENGTH = 64;

/** The policy has more than 64 reasons of its own, or this one is no text of up to 64 characters. */
const OTHER: DropReason = "other";

/**
 * Bounds the reasons for which a policy drops jobs. Each is counted, also in windows, and names
 * series of metrics: a policy that invents a new one for each job must not exhaust the memory.
 */
export class OwnReasons {
  readonly #known = new Set<string>();

  /** Returns the reason, or `other` if it is too long, not a string, or one too many. */
  bound(reason: unknown): string {
    if (typeof reason !== "string" || reason.length > MAX_LENGTH) return OTHER;
    if (this.#known.has(reason)) return reason;
    if (this.#known.size >= MAX_REASONS) return OTHER;
    this.#known.add(reason);
    return reason;
  }
}
