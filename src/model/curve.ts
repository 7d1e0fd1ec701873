import { exp2, log2 } from "../log2.ts";
import { isSavedSpread, type SavedSpread, Spread } from "./spread.ts";

/** Runs from which what was seen at a cost is believed. */
export const TRUSTED = 8;
/** So many unusual runs in a row, all on one side, are no chance any more. */
const RUN_OF_NEWS = 8;
/** So many of them began after the one before was over: a pause makes all that run at the time unusual. */
const APART = 3;
/** Runs that still count after the times have changed: as many as have told so. */
const AFTER_CHANGE = RUN_OF_NEWS;
/** The least and the greatest power of the cost that times may go with. */
const MAX_SLOPE = 3;
/** Runs of which a slope must be seen within one octave of the cost to weigh as much as the whole. */
const SLOPE_RUNS = 32;
/** How much is added to the bound per octave of the cost that nothing was seen of, as a logarithm. */
const UNSEEN = 0.5;
/** Times that are closer than this factor are the same. */
const EQUAL = 1.01;
/** So many ticks of a clock that says 0, too, are a time that goes with the cost. */
const TICKS = 4;
/** The longest ticks there are: a run that really takes no time says nothing of others. */
const MAX_TICK_MS = 1;
/** Times never change by more than this at once. */
const MAX_FACTOR = 1e15;
const MIN_COST = 1e-9;
const MAX_COST = 1e15;
/** Older runs fade from the slopes as they do from the spread of times. */
const FADING = 1 - 1 / 256;

/** A line through points, by least squares, in which older points fade. */
class Line {
  n = 0;
  x = 0;
  y = 0;
  xx = 0;
  xy = 0;

  add(x: number, y: number): void {
    this.n = this.n * FADING + 1;
    const step = 1 / this.n;
    const dx = x - this.x;
    this.x += dx * step;
    this.y += (y - this.y) * step;
    this.xx = this.xx * FADING + dx * (x - this.x);
    this.xy = this.xy * FADING + dx * (y - this.y);
  }
}

/** Where runs without a cost are: no octave of a cost. */
const NONE = -1000;

/** What was seen at costs within an octave. Times are taken to its middle by the slope. */
interface Octave {
  readonly spread: Spread;
  readonly line: Line;
  slope: number;
  /** What is nothing unusual, and the median, as of the last run that was not unusual. */
  usualFromMs: number;
  usualToMs: number;
  medianMs: number;
}

/** The spread of the times at a cost, and the factor by which they are longer there. */
export interface Place {
  spread: Spread;
  factor: number;
  /** Factor by which the bound is higher for want of runs at such a cost. */
  doubt: number;
  /** Runs at such a cost, or at a higher one. */
  samples: number;
  /** Whether only lower costs were seen. */
  isBeyond: boolean;
}

/** What is saved of a {@linkcode Curve}. */
export interface SavedCurve {
  readonly slope: number;
  readonly octaves: readonly (readonly [octave: number, slope: number, spread: SavedSpread])[];
}

/**
 * How long runs take at a cost, for any cost that grows with the work, in whatever unit, and for none: a
 * spread of times for each octave of the cost, and within it a power of the cost as slope, found by
 * regression. A cost that explains nothing gets a slope of 0, and octaves alike.
 */
export class Curve {
  /** Runs that were seen, at any cost. */
  runs = 0;
  /** By octave of the cost; `NONE` without one. */
  readonly #octaves = new Map<number, Octave>();
  readonly #line = new Line();
  #slope = NaN;
  /** Unusual runs in a row, above if positive. */
  #unusual = 0;
  readonly #news: number[] = [];
  /** How many of them came one after the other, and when the last of these was over. */
  #apart = 0;
  #overAtMs = NaN;
  /** The shortest time but 0, in ms, and what it was when the last run took 0: the ticks of the clock. */
  #leastMs = Infinity;
  #tickMs = 0;
  readonly #place: Place = {
    spread: new Spread(),
    factor: 1,
    doubt: 1,
    samples: 0,
    isBeyond: false,
  };
  /** What `at` gave for this cost, 0 if it is unknown, -1 if there is news. */
  #placed: Place | null = null;
  #placedCost = -1;
  /** Where the last cost was: the next one is often the same. */
  #lastCost = NaN;
  #lastX = NONE;

  /** Whether nothing was seen. */
  get isEmpty(): boolean {
    return this.#octaves.size === 0;
  }

  /**
   * Learns that a run took so long, in ms; returns by what factor all times were found to have changed: 1 if not.
   * Without its beginning and its end, no other ran at the time.
   */
  learn(cost: number, ms: number, begunAtMs: number = NaN, nowMs: number = NaN): number {
    this.#placedCost = -1;
    this.runs++;
    const x = this.#xOf(cost);
    const octave = this.#octaveAt(x);
    let middleMs = ms;
    if (x !== NONE) {
      const dx = x - Math.floor(x) - 0.5;
      if (this.#isTold(octave, ms)) {
        const y = log2(ms);
        this.#line.add(x, y);
        octave.line.add(dx, y);
        this.#setSlope(octave);
      }
      middleMs = ms / exp2(octave.slope * dx);
    }
    const factor = this.#watch(octave, middleMs, begunAtMs, nowMs);
    octave.spread.add(middleMs);
    return factor;
  }

  /** Whether the clock tells the times of an octave apart. One that says 0, as in some browsers, ticks each ms. */
  #isTold({ medianMs }: Octave, ms: number): boolean {
    if (ms === 0) this.#tickMs = Math.min(this.#leastMs, MAX_TICK_MS);
    else if (ms < this.#leastMs) this.#leastMs = ms;
    return ms > 0 && (medianMs >= 0 ? medianMs : ms) >= TICKS * this.#tickMs;
  }

  /** Number of unusual runs in a row, of late: negative if they were short. */
  get unusual(): number {
    return this.#unusual;
  }

  /** All times have changed by a factor, as those of other kinds have. */
  follow(factor: number): void {
    this.#scale(factor, AFTER_CHANGE);
  }

  /** Learns that a run takes so long now, in ms, whatever was seen before. */
  jump(cost: number, ms: number): void {
    const { spread, factor } = this.at(cost) ?? {};
    if (spread === undefined) return;
    const knownMs = spread.quantileMs(0.5) * factor!;
    if (knownMs > 0 && ms > 0) this.#scale(ms / knownMs, 1);
  }

  /** What is known of runs at a cost: one object, overwritten by the next call; `null` if nothing is. */
  at(cost: number): Place | null {
    const known = cost > 0 ? cost : 0;
    // The next job is often like the last one, and nothing was learned in between.
    if (known !== this.#placedCost) {
      this.#placed = this.isEmpty ? null : this.#placeOf(known);
      this.#placedCost = known;
    }
    return this.#placed;
  }

  #placeOf(cost: number): Place {
    const x = this.#xOf(cost);
    const own = this.#octaves.get(Math.floor(x));
    const place = this.#place;
    if (own !== undefined && (own.spread.count >= TRUSTED || this.#octaves.size === 1)) {
      own.spread.refresh();
      place.spread = own.spread;
      const dx = x === NONE ? 0 : x - Math.floor(x) - 0.5;
      place.factor = dx === 0 || own.slope === 0 ? 1 : exp2(own.slope * dx);
      place.doubt = 1;
      place.samples = own.spread.count;
      place.isBeyond = false;
      return place;
    }
    return this.#near(x, own);
  }

  /** By the nearest octave. */
  #near(x: number, own: Octave | undefined): Place {
    const key = this.#nearest(x);
    const best = this.#octaves.get(key)!;
    best.spread.refresh();
    const place = this.#place;
    place.spread = best.spread;
    const apart = key === NONE || x === NONE ? 0 : x - key - 0.5;
    const slope = this.#slope === this.#slope ? this.#slope : 1;
    place.factor = apart === 0 ? 1 : exp2(Math.min(60, Math.max(-60, slope * apart)));
    place.isBeyond = apart > 0.5 && !this.#isSeenAbove(x);
    place.samples = place.isBeyond ? own?.spread.count ?? 0 : best.spread.count;
    place.doubt = place.isBeyond ? exp2(Math.min(60, UNSEEN * (apart - 0.5))) : 1;
    return place;
  }

  /** The octave next to a place: of those of which enough was seen, if there are any. */
  #nearest(x: number): number {
    let nearest = NONE;
    let distance = Infinity;
    for (const [key, { spread }] of this.#octaves) {
      let far = key === NONE || x === NONE ? 100 : Math.abs(key - x + 0.5);
      if (spread.count < TRUSTED) far += 1_000;
      if (far >= distance) continue;
      nearest = key;
      distance = far;
    }
    return nearest;
  }

  /** Whether enough was seen of any higher octave. */
  #isSeenAbove(x: number): boolean {
    for (const [key, { spread }] of this.#octaves) {
      if (key > x && spread.count >= TRUSTED) return true;
    }
    return false;
  }

  #octaveAt(x: number): Octave {
    const key = Math.floor(x);
    let octave = this.#octaves.get(key);
    if (octave === undefined) {
      const slope = x === NONE ? 0 : this.#slope === this.#slope ? this.#slope : 1;
      octave = octaveOf(new Spread(), slope);
      this.#octaves.set(key, octave);
    }
    return octave;
  }

  /** The slope within an octave: of the runs there, and while those are few, of all. */
  #setSlope(octave: Octave): void {
    const { n, xx, xy } = this.#line;
    if (n < TRUSTED || xx < 1e-6 * n) return;
    this.#slope = clamped(xy / (xx + 0.01 * n));
    const { line } = octave;
    const prior = SLOPE_RUNS / 12; // the variance of places within an octave is 1/12
    octave.slope = clamped((line.xy + prior * this.#slope) / (line.xx + prior));
  }

  /** Notices that times have changed: for all costs at once, as the job or the machine did; by what factor. */
  #watch(octave: Octave, ms: number, begunAtMs: number, nowMs: number): number {
    const { spread } = octave;
    if (spread.count < TRUSTED) return 1;
    if (this.#news.length === 0 || !(octave.medianMs >= 0)) {
      // The unusual ones themselves must not become usual meanwhile.
      spread.refresh();
      octave.usualFromMs = spread.usualFromMs;
      octave.usualToMs = spread.usualToMs;
      octave.medianMs = spread.medianMs;
    }
    const side = ms > octave.usualToMs * EQUAL ? 1 : ms * EQUAL < octave.usualFromMs ? -1 : 0;
    if (this.#unusual !== 0 && side * this.#unusual <= 0) this.#forget();
    if (side === 0) return 1;
    this.#unusual += side;
    if (!(begunAtMs < this.#overAtMs)) {
      this.#apart++;
      this.#overAtMs = nowMs;
    }
    // Times of which the clock says 0 cannot be scaled: they only count for less.
    this.#news.push(octave.medianMs > 0 ? ms / octave.medianMs : 1);
    if (this.#news.length > RUN_OF_NEWS) this.#news.shift();
    if (this.#news.length < RUN_OF_NEWS || this.#apart < APART) return 1;
    this.#news.sort((a, b) => a - b);
    const factor = this.#news[RUN_OF_NEWS >> 1];
    // What is longer now need not be so by a factor: no run is taken to be longer than these were.
    const most = factor > 1 ? this.#news[RUN_OF_NEWS - 1] : Infinity;
    this.#scale(factor, AFTER_CHANGE, most);
    return factor;
  }

  /**
   * All times are longer by a factor, and at most so many times the median was; only `samples` runs of those
   * seen still count.
   */
  #scale(by: number, samples: number, most = Infinity): void {
    if (!(by > 0)) return;
    const factor = Math.min(by, MAX_FACTOR);
    this.#placedCost = -1;
    const octaves = log2(factor);
    for (const octave of this.#octaves.values()) {
      const { spread } = octave;
      spread.scale(factor, samples, most * spread.quantileMs(0.5) || Infinity);
      octave.line.y += octaves;
      octave.medianMs = NaN;
    }
    this.#line.y += octaves;
    this.#forget();
  }

  /** What was unusual is no news any more. */
  #forget(): void {
    this.#unusual = this.#apart = this.#news.length = 0;
  }

  #xOf(cost: number): number {
    if (cost === this.#lastCost) return this.#lastX;
    this.#lastCost = cost;
    return this.#lastX = cost > 0 ? log2(Math.min(Math.max(cost, MIN_COST), MAX_COST)) : NONE;
  }

  save(): SavedCurve {
    return {
      slope: this.#slope,
      octaves: [...this.#octaves].map(([key, { slope, spread }]) => [key, slope, spread.save()]),
    };
  }

  /** The curve that was saved; `null` if it is damaged. */
  static load(saved: unknown): Curve | null {
    const { slope, octaves } = (saved ?? {}) as Partial<SavedCurve>;
    const isSlope = (value: unknown): boolean =>
      value === null || (typeof value === "number" && value >= 0 && value <= MAX_SLOPE);
    if (!isSlope(slope) || !Array.isArray(octaves) || octaves.length > 100) return null;
    const curve = new Curve();
    curve.#slope = slope ?? NaN;
    for (const entry of octaves) {
      if (!Array.isArray(entry)) return null;
      const [key, slope, spread] = entry;
      const isKey = Number.isInteger(key) && (key === NONE || Math.abs(key) < 64);
      if (!isKey || !isSlope(slope) || !isSavedSpread(spread)) return null;
      const loaded = Spread.load(spread);
      curve.#octaves.set(key, octaveOf(loaded, slope ?? 0));
      curve.runs += loaded.count;
    }
    return curve;
  }
}

function octaveOf(spread: Spread, slope: number): Octave {
  return { spread, line: new Line(), slope, usualFromMs: NaN, usualToMs: NaN, medianMs: NaN };
}

function clamped(slope: number): number {
  return Math.min(Math.max(slope, 0), MAX_SLOPE);
}
