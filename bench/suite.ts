/** One column of a suite's tables. */
export interface Column {
  readonly metric: string;
  readonly unit: string;
  /** The measured figure it shows. @default {metric} */
  readonly from?: string;
  /** What is shown of several rounds: `best` is the smallest value, `worst` the largest. @default {"median"} */
  readonly pick?: "median" | "best" | "worst";
  /** Whether more is better, as for a throughput. @default {false} */
  readonly largerIsBetter?: boolean;
  /** Whether its ratio to our own figure says something. @default {true} */
  readonly ratio?: boolean;
}

/** What runs in one child process: mostly one contestant. */
export interface Entry {
  readonly name: string;
  /** Package of a peer that has to be installed. */
  readonly package?: string;
  /** Runtimes it is made for. Default: all. */
  readonly runtimes?: readonly string[];
}

/** Figures of one contestant, by metric. */
export type Figures = Readonly<Record<string, number>>;

/** What a child measured: figures by contestant. */
export type Measured = Readonly<Record<string, Figures>>;

/** What a child is asked for. */
export interface Test {
  /** Name of the entry. */
  readonly entry: string;
  /** Which of the suite's cases; empty if there is only one. */
  readonly case: string;
  /** Whether a short look is enough. */
  readonly quick: boolean;
  /** What `prepare` gave. */
  readonly prepared: number;
}

/** A group of figures that are measured and shown together. */
export interface Suite {
  readonly name: string;
  /** What it measures, in a line. */
  readonly about: string;
  /** Tables. Default: one without a name. */
  readonly cases?: readonly string[];
  readonly columns: readonly Column[];
  /** The contestant that the ratios refer to; none if absent. */
  readonly ours?: string;
  readonly entries: readonly Entry[];
  /** Time a child may take before it is killed, in s. */
  readonly limitS: number;
  /** Runs once, before all children, in the parent: a number they all need. */
  prepare?(): Promise<number>;
  /** Runs in a child of its own. */
  measure(test: Test): Promise<Measured>;
  /** Adds figures that compare contestants, to the figures of one case. */
  derive?(figures: Map<string, Record<string, number>>): void;
  /** What our own figures of a case must not be, if they are. */
  problem?(figures: ReadonlyMap<string, Figures>): string | undefined;
}
