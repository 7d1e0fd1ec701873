import { borrowBrowser } from "../../fixtures/borrowed_browser.ts";
import { skippedWithoutChromium } from "../../fixtures/chromium.ts";
import { openPage } from "../chromium_page.ts";
import type { Engine } from "./engine.ts";
import { firefox } from "./firefox.ts";
import { webkit } from "./webkit.ts";

const chromium: Engine = {
  name: "Chromium",
  sharesMemory: true,
  nestsWorkers: false,
  skipped: skippedWithoutChromium,
  async start() {
    const borrowed = await borrowBrowser();
    return {
      open: (server, headers) => openPage(borrowed.browser, server, headers),
      [Symbol.asyncDispose]: () => borrowed[Symbol.asyncDispose](),
    };
  },
};

/** The browsers that the same checks are made in. */
export const ENGINES: readonly Engine[] = [chromium, firefox, webkit];
