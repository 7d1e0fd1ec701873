import type { KindFacts } from "../../policy/policy.ts";

/** How long a kill counts, in ms. */
const WINDOW_MS = 60_000;

interface KindRecord {
  /** When it killed workers, oldest first. */
  kills: number[];
  /** When the next probe may run, once it is quarantined; `NaN` before. */
  probeAtMs: number;
}

/**
 * Refuses kinds that kill workers: after `limit` kills within a minute a kind is quarantined. One
 * job per `coolDownMs` runs as a probe; the first that ends without killing its worker ends the
 * quarantine.
 */
export class Quarantine {
  readonly #limit: number;
  readonly #coolDownMs: number;
  readonly #records = new Map<KindFacts, KindRecord>();
  /** Whether there are any records: kinds rarely kill workers. */
  isActive = false;

  constructor(limit: number, coolDownMs: number) {
    this.#limit = limit;
    this.#coolDownMs = coolDownMs;
  }

  /** Whether jobs of the kind are refused now. */
  bars(kind: KindFacts, nowMs: number): boolean {
    const record = this.#records.get(kind);
    return record !== undefined && nowMs < record.probeAtMs;
  }

  /** Time until a job of the kind is let through, in whole ms, at least 1. */
  probeInMs(kind: KindFacts, nowMs: number): number {
    return Math.max(1, Math.ceil((this.#records.get(kind)?.probeAtMs || 0) - nowMs));
  }

  /** A job of the kind is let through; returns whether it is a probe, for which others wait. */
  admit(kind: KindFacts, nowMs: number): boolean {
    const record = this.#records.get(kind);
    if (record === undefined || !(nowMs >= record.probeAtMs)) return false;
    record.probeAtMs = nowMs + this.#coolDownMs;
    return true;
  }

  /** A worker died while it ran a job of the kind. */
  killed(kind: KindFacts, nowMs: number): void {
    if (this.#limit === Infinity) return;
    const record = this.#records.get(kind) ?? { kills: [], probeAtMs: NaN };
    record.kills = record.kills.filter((atMs) => atMs > nowMs - WINDOW_MS);
    record.kills.push(nowMs);
    if (record.kills.length >= this.#limit || record.probeAtMs >= 0) {
      record.probeAtMs = nowMs + this.#coolDownMs;
    }
    this.#records.set(kind, record);
    this.isActive = true;
  }

  /** A job of the kind ended, and its worker survived. */
  survived(kind: KindFacts): void {
    const record = this.#records.get(kind);
    // While a kind is not quarantined, its kills still count: it may only kill now and then.
    if (record !== undefined && record.probeAtMs >= 0) this.#records.delete(kind);
    this.isActive = this.#records.size > 0;
  }
}
