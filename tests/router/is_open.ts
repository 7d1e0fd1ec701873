import { macrotask } from "../virtual/clock.ts";

/** Whether a promise is still open. */
export async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol();
  return await Promise.race([promise.catch(() => 0), macrotask().then(() => open)]) === open;
}
