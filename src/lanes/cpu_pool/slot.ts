import type { Timer } from "../../clock.ts";
import type { Death, PortOwner, WorkerPort } from "../../runtime/port.ts";
import type { Call } from "../call.ts";
import type { Pool } from "./pool.ts";

/** One place of the pool: a worker and the call it runs. */
export class Slot implements PortOwner {
  readonly port: WorkerPort;
  readonly #owner: Pool;
  state: "starting" | "idle" | "busy" | "leaving" = "starting";
  wasReady = false;
  /** Why it was ended, if it is not for what its port says. */
  reason: Error | null = null;
  call: Call | null = null;
  /** Number of the call; a result with another number comes too late. */
  seq = 0;
  /** Since when it is idle, on the router's clock. */
  idleSinceMs = 0;
  /** Ends the worker if it does not start, or does not stop, in time. */
  #timer: Timer | null = null;

  constructor(port: WorkerPort, owner: Pool) {
    this.port = port;
    this.#owner = owner;
  }

  /** Replaces its timer. */
  setTimer(timer: Timer | null): void {
    this.#timer?.cancel();
    this.#timer = timer;
  }

  /** Ends its worker; `slotDied` follows. */
  end(): void {
    if (this.state === "leaving") return;
    this.state = "leaving";
    this.setTimer(null);
    this.port.terminate();
  }

  ready(): void {
    if (this.state !== "starting") return;
    this.wasReady = true;
    this.setTimer(null);
    this.#owner.slotReady(this);
  }

  result(_port: WorkerPort, seq: number, ok: boolean, value: unknown, runMs: number): void {
    const call = this.call;
    if (call === null || seq !== this.seq) return;
    this.setTimer(null);
    this.#owner.slotDone(this, call, ok, value, runMs);
  }

  died(_port: WorkerPort, death: Death): void {
    this.setTimer(null);
    this.#owner.slotDied(this, death);
  }
}
