import { spawn, spawnSync } from "node:child_process";
import process from "node:process";
import { runtime } from "./runtime.ts";

/** Ends by itself, should this process die. */
const LOOP = "const end = Date.now() + 60_000; while (Date.now() < end);";

/** Starts processes that keep a core busy each; gives what ends them. */
export function keepBusy(count: number): () => void {
  const args = runtime.name === "deno" ? ["eval", LOOP] : ["-e", LOOP];
  const loops = Array.from(
    { length: count },
    () => spawn(process.execPath, args, { stdio: "ignore" }),
  );
  return () => loops.forEach((loop) => loop.kill("SIGKILL"));
}

/** Leaves this process one core, with all threads it has and will have. On Linux. */
export function pinToOneCore(): () => void {
  const args = ["-a", "-c", "-p", "0", String(process.pid)];
  const { status, error } = spawnSync("taskset", args, { stdio: "ignore" });
  if (status !== 0) {
    throw new Error(`Cannot pin to one core: ${error?.message ?? "taskset failed"}`);
  }
  return () => {};
}
