import { existsSync } from "node:fs";
import process from "node:process";
import { runtimeInfo } from "../../../mod.ts";
import { skippedIf } from "../../fixtures/skipped.ts";
import type { OpenPage } from "../open_page.ts";
import type { HeaderSet, StaticServer } from "../static_server.ts";

/** A browser that has been started. */
export interface StartedEngine extends AsyncDisposable {
  /** Opens the page of the tests with a profile of its own, as it comes with these headers; it goes with the browser. */
  open(server: StaticServer, headers: HeaderSet): Promise<OpenPage>;
}

/** A kind of browser. */
export interface Engine {
  readonly name: string;
  /** Whether pages that are cross-origin isolated have shared memory. */
  readonly sharesMemory: boolean;
  /** Whether shared workers can have workers. */
  readonly nestsWorkers: boolean;
  /** Why a test in it cannot be run here, for its `skip`; `false` if it can. */
  skipped(test: string): string | false;
  start(): Promise<StartedEngine>;
}

/** The same for browsers of the long campaign, which need programs at these places. */
export function skippedWithout(test: string, paths: readonly string[]): string | false {
  const missing = paths.filter((path) => !existsSync(path));
  return skippedIf(runtimeInfo().name !== "node", test, "the browser is driven from Node") ||
    skippedIf(!import.meta.url.endsWith(".js"), test, "it needs the build") ||
    skippedIf(
      process.env.HELIX_LONG !== "1",
      test,
      "only the long campaign runs it: HELIX_LONG=1",
    ) ||
    skippedIf(missing.length > 0, test, `there is no ${missing.join(", no ")}`);
}

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!await isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}
