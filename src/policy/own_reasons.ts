/** Reasons of its own that a policy may drop jobs for; any further one counts as `other`. */
const MAX_REASONS = 64;
/** Characters of such a reason at most. */
const MAX_LENGTH = 64;

/**
 * The reasons for which a policy drops jobs. They are counted one by one, kept in windows, and name
 * series of metrics: a policy that makes up a new one for each job must not fill the memory.
 */
export class OwnReasons {
  readonly #known = new Set<string>();

  /** The reason, or `other` if it is too long, no text, or one too many. */
  bound(reason: unknown): string {
    if (typeof reason !== "string" || reason.length > MAX_LENGTH) return "other";
    if (this.#known.has(reason)) return reason;
    if (this.#known.size >= MAX_REASONS) return "other";
    this.#known.add(reason);
    return reason;
  }
}
