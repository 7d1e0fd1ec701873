import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { skippedIf } from "../fixtures/skipped.ts";
import { openWindow, skippedWithoutChromium, type WindowOptions } from "../fixtures/chromium.ts";

/** Runtimes that the server is started on, all from Node: there Playwright runs. */
export type ServerRuntime = "node" | "deno" | "bun";

const isBuilt = import.meta.url.endsWith(".js");
const built = fileURLToPath(new URL("../../", import.meta.url));
const root = isBuilt ? dirname(dirname(built + "x")) : dirname(built + "x");
const env = {
  ...process.env,
  NO_COLOR: "1",
  PATH: `${root}/.ci/tools/node_modules/.bin${delimiter}${process.env.PATH ?? ""}`,
};

const COMMANDS: Readonly<Record<ServerRuntime, readonly string[]>> = {
  node: [process.execPath, `${root}/dist/bin/helixrouter.js`],
  deno: [
    "deno",
    "run",
    "--allow-read",
    "--allow-env",
    "--allow-net=127.0.0.1,localhost",
    `${root}/bin/helixrouter.ts`,
  ],
  bun: ["bun", `${root}/bin/helixrouter.ts`],
};

/** Why a browser test cannot be run here, for its `skip`; `false` if it can. */
export function skippedWithoutBrowser(test: string, runtime: ServerRuntime): string | false {
  const [command] = COMMANDS[runtime];
  return skippedWithoutChromium(test) ||
    skippedIf(
      spawnSync(command, ["--version"], { env }).status !== 0,
      test,
      `there is no ${runtime}`,
    );
}

/** `helixrouter serve` with a load. */
export interface Server extends AsyncDisposable {
  /** Its address as the program prints it, token and all. */
  readonly address: string;
  readonly port: number;
  /** Ends it. */
  stop(): Promise<void>;
}

/** Starts `helixrouter serve --simulate` on a runtime. Its overload takes one core, the others are the page's. */
export async function startServer(runtime: ServerRuntime, port = 0): Promise<Server> {
  const [command, ...before] = COMMANDS[runtime];
  const args = ["serve", "--simulate", "--workers", "1", "--port", String(port)];
  const child = spawn(command, [...before, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close");
  let printed = "";
  const address = await new Promise<string>((resolve, reject) => {
    const take = (text: string) => {
      printed += text;
      const [found] = /http:\S+#token=\S+/.exec(printed) ?? [];
      if (found !== undefined) resolve(found);
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.on("error", reject);
    child.on("close", () => reject(new Error(`The server has ended: ${printed}`)));
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return { address, port: Number(new URL(address).port), stop, [Symbol.asyncDispose]: stop };
}

/** A page in a window of its own. */
export interface OpenPage extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors in its console, and what it asked of others than its server. */
  readonly complaints: string[];
}

/** Opens a page and waits until it shows figures. Moves nothing unless told: pictures cost. */
export async function openPage(
  browser: Browser,
  address: string,
  options: WindowOptions = {},
): Promise<OpenPage> {
  const context = await openWindow(browser, { reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.protocol !== "data:" && url.origin !== new URL(address).origin) {
      complaints.push(`asks for ${url}`);
    }
  });
  await page.goto(address);
  await page.locator("#connection[data-state=live]").waitFor();
  await page.locator("#throughput canvas").waitFor();
  return {
    context,
    page,
    complaints,
    [Symbol.asyncDispose]: () => context.close(),
  };
}
