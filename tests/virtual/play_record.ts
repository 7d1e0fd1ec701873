import type { HeardTelemetry } from "./heard_telemetry.ts";
import { SIGNALS, type Submit } from "./scenario.ts";
import { CountingController } from "./signal.ts";
import type { Task, Told } from "./world.ts";

/** What is known of a job beside what the router says. */
export interface Known {
  readonly submit: Submit;
  readonly task: Task;
  readonly told: Told;
  /** Times it was begun, on whatever thread. */
  begun: number;
  /** When it was begun first, among all moments that are noted. */
  begunMoment: number;
}

/** What a job's policy events say. */
export interface Seen {
  readonly deadlineMs: number;
  readonly types: string[];
  /** When it was first said to start though its budget was used up, among all moments noted. */
  lateMoment?: number;
}

/** What is known of a play beside what the router says. */
export class PlayRecord {
  readonly known: Known[] = [];
  readonly trace: string[] = [];
  /** What went wrong in callbacks, where the router catches what is thrown. */
  readonly problems: string[] = [];
  readonly signals = Array.from({ length: SIGNALS }, () => new CountingController());
  /** What the policy was told, by job. */
  readonly events = new Map<number, Seen>();
  /** Jobs that wait, by what the policy was told. */
  readonly waiting = new Set<number>();
  readonly telemetry: HeardTelemetry | undefined;

  constructor(telemetry: HeardTelemetry | undefined) {
    this.telemetry = telemetry;
  }
}

let moment = 0;

/** Counts moments, to tell which of two came first. */
export function nextMoment(): number {
  return ++moment;
}

export function begins(known: Known): void {
  known.begun++;
  if (known.begun === 1) known.begunMoment = nextMoment();
}
