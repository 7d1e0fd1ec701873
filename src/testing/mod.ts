/**
 * Test kit: a router on a virtual clock, with modelled workers. No thread is started and no time passes
 * but what a test lets pass.
 *
 * @module
 */

export type { KernelOptions } from "./machine.ts";
export { VirtualClock, type VirtualClockOptions } from "./virtual_clock.ts";
export { type ModelledRun, modelWorkers, type WorkerModel } from "./model_worker.ts";
