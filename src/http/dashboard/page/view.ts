import type { History } from "./history.ts";
import type { Rates } from "./rates.ts";
import type { Stats } from "./stats.ts";

/** Something that happened which the charts mark with a line. */
export interface Marker {
  /** When, in seconds since 1970. */
  readonly time: number;
  readonly label: string;
}

/** All that panels draw from. */
export interface View {
  readonly stats: Stats;
  /** Per second since the snapshot before; absent with the first. */
  readonly rates: Rates | undefined;
  readonly history: History;
  readonly markers: readonly Marker[];
  /** Time the charts show, in seconds. */
  readonly spanS: number;
}

/** A part of the page that shows something of it. */
export interface Panel {
  /** Shows what there is; called at most once a frame. */
  draw(view: View): void;
  /** Takes over changed colours. */
  recolour?(): void;
}
