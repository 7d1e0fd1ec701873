import { existsSync } from "node:fs";
import process from "node:process";
import type { Browser, BrowserContext } from "playwright-core";

/** Where a Chromium usually is; the first is one without windows, which costs half as much. */
const PLACES = [
  "/usr/bin/chromium-headless-shell",
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

/** Starts a browser. It takes a second: tests of a file share one. */
export async function startBrowser(): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  return await chromium.launch({ executablePath: chromiumPath, headless: true, args: FLAGS });
}

/** Opens a window with a profile of its own, which goes with it. */
export function openWindow(
  browser: Browser,
  { width = 1440, height = 900, scale = 1, ...rest }: WindowOptions = {},
): Promise<BrowserContext> {
  return browser.newContext({ viewport: { width, height }, deviceScaleFactor: scale, ...rest });
}
