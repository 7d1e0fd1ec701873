import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { BrowserContext } from "playwright-core";

/** Where a Chromium usually is. */
const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** For one who is root in a sandbox, and so that nothing but the page is asked for. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The browser to use: the one that `CHROMIUM` names, or one in a usual place. */
export const chromiumPath: string | undefined = process.env.CHROMIUM ?? PLACES.find(existsSync);

/** How a window is opened. */
export interface WindowOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  readonly reducedMotion?: "reduce" | "no-preference";
  readonly hasTouch?: boolean;
  readonly scale?: number;
}

/** Opens a browser with a profile of its own, which goes with it. */
export async function openBrowser(
  options: WindowOptions = {},
): Promise<{ context: BrowserContext } & AsyncDisposable> {
  const { width = 1440, height = 900, scale = 1, ...rest } = options;
  const { chromium } = await import("playwright-core");
  const profile = mkdtempSync(join(tmpdir(), "helixrouter-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    headless: true,
    args: FLAGS,
    viewport: { width, height },
    deviceScaleFactor: scale,
    ...rest,
  });
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
