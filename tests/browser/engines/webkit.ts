// WebKitGTK, by its WebDriver. Each page has a driver and a browser of its own, as a driver has one session.
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type Body, callOf, type OpenPage } from "../open_page.ts";
import type { HeaderSet, StaticServer } from "../static_server.ts";
import { type Engine, skippedWithout, type StartedEngine, until } from "./engine.ts";
import { startProgram } from "./program.ts";

const DRIVER = "/usr/bin/WebKitWebDriver";
const DISPLAY = "/usr/bin/Xvfb";

export const webkit: Engine = {
  name: "WebKitGTK",
  sharesMemory: false, // as of 2.50
  nestsWorkers: false,
  skipped: (test) => skippedWithout(test, [DRIVER, DISPLAY]),
  start: startWebkit,
};

async function startWebkit(): Promise<StartedEngine> {
  const args = ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"];
  const display = await startProgram(DISPLAY, args, { wanted: /^(\d+)\n/ });
  const pages: OpenPage[] = [];
  return {
    async open(server, headers) {
      const page = await openPage(`:${display.found}`, server, headers);
      pages.push(page);
      return page;
    },
    async [Symbol.asyncDispose]() {
      for (const page of pages) await page[Symbol.asyncDispose]();
      await display[Symbol.asyncDispose]();
    },
  };
}

async function openPage(
  display: string,
  server: StaticServer,
  headers: HeaderSet,
): Promise<OpenPage> {
  const port = await freePort();
  const args = ["--host=127.0.0.1", `--port=${port}`];
  const driver = await startProgram(DRIVER, args, { env: { DISPLAY: display } });
  const close = async () => await driver[Symbol.asyncDispose]();
  const page = new WebkitPage(`http://127.0.0.1:${port}`, close);
  await page.begin(server.urlOf(headers, "page.html"));
  return page;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

class WebkitPage implements OpenPage {
  readonly complaints: string[] = [];
  readonly #driver: string;
  readonly #close: () => Promise<void>;
  #session = "";

  constructor(driver: string, close: () => Promise<void>) {
    this.#driver = driver;
    this.#close = close;
  }

  /** Begins a session, and opens the page in it. */
  async begin(url: string): Promise<void> {
    await until(() => fetch(`${this.#driver}/status`).then(() => true, () => false));
    const { sessionId } = await this.#send("POST", "/session", { capabilities: {} });
    this.#session = `/session/${sessionId}`;
    await this.#send("POST", `${this.#session}/timeouts`, { script: 60_000 });
    await this.#send("POST", `${this.#session}/url`, { url });
    await until(() => this.#evaluate('"ready" in document.documentElement.dataset'));
  }

  run<R, A = undefined>(body: Body<R, A>, argument?: A): Promise<R> {
    return this.#evaluate(callOf(body, argument as A));
  }

  async #evaluate<R>(expression: string): Promise<R> {
    const script = `const [tell] = arguments;
      (async () => await ${expression})().then(
        (value) => tell(JSON.stringify({ value })),
        (error) => tell(JSON.stringify({ error: error + "\\n" + error.stack })),
      );`;
    const told = await this.#send("POST", `${this.#session}/execute/async`, { script, args: [] });
    const { value, error } = JSON.parse(told);
    if (error !== undefined) throw new Error(error);
    return value;
  }

  // deno-lint-ignore no-explicit-any
  async #send(method: string, path: string, body?: object): Promise<any> {
    const response = await fetch(this.#driver + path, { method, body: JSON.stringify(body) });
    const { value } = await response.json();
    if (response.ok) return value;
    throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
  }

  countWorkers(): undefined {
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#session === "") return;
    const session = this.#session;
    this.#session = "";
    await this.#send("DELETE", session);
    await this.#close();
  }
}
