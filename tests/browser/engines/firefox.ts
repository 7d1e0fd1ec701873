// Firefox, by the WebDriver BiDi that it has built in.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { skippedIf } from "../../fixtures/skipped.ts";
import { type Body, callOf, type OpenPage } from "../open_page.ts";
import { Bidi, type BidiEvent } from "./bidi.ts";
import { type Engine, skippedWithout, type StartedEngine, until } from "./engine.ts";
import { startProgram } from "./program.ts";

const PATH = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
const EVENTS = ["log.entryAdded", "script.realmCreated", "script.realmDestroyed"];

export const firefox: Engine = {
  name: "Firefox",
  sharesMemory: true,
  nestsWorkers: true,
  skipped: (test) =>
    skippedWithout(test, [PATH]) ||
    skippedIf(
      typeof WebSocket === "undefined",
      test,
      "Node 20 has WebSocket with --experimental-websocket only",
    ),
  start: startFirefox,
};

async function startFirefox(): Promise<StartedEngine> {
  const profile = await mkdtemp(join(tmpdir(), "helixrouter-firefox-"));
  const args = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
  const program = await startProgram(PATH, args, {
    wanted: /WebDriver BiDi listening on (ws:\S+)/,
  });
  const pages = new Map<string, FirefoxPage>();
  const bidi = await Bidi.connect(program.found, (event) => {
    for (const page of pages.values()) page.hear(event);
  });
  await bidi.send("session.subscribe", { events: EVENTS });
  return {
    async open(server, headers) {
      const { userContext } = await bidi.send("browser.createUserContext", {});
      const { context } = await bidi.send("browsingContext.create", { type: "tab", userContext });
      const page = new FirefoxPage(bidi, context, async () => {
        pages.delete(context);
        await bidi.send("browser.removeUserContext", { userContext });
      });
      pages.set(context, page);
      const url = server.urlOf(headers, "page.html");
      await bidi.send("browsingContext.navigate", { context, url, wait: "complete" });
      await until(() => page.evaluate('"ready" in document.documentElement.dataset'));
      return page;
    },
    async [Symbol.asyncDispose]() {
      bidi.close();
      await program[Symbol.asyncDispose]();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

class FirefoxPage implements OpenPage {
  readonly complaints: string[] = [];
  readonly #bidi: Bidi;
  readonly #context: string;
  readonly #close: () => Promise<void>;
  /** Its scopes: of documents, and of their workers. */
  readonly #realms = new Set<string>();
  readonly #workers = new Set<string>();

  constructor(bidi: Bidi, context: string, close: () => Promise<void>) {
    this.#bidi = bidi;
    this.#context = context;
    this.#close = close;
  }

  hear({ method, params }: BidiEvent): void {
    if (method === "script.realmDestroyed") this.#workers.delete(params.realm);
    if (method === "script.realmCreated") {
      if (params.context === this.#context) this.#realms.add(params.realm);
      const isOurs = params.owners?.some((owner: string) => this.#realms.has(owner));
      if (isOurs && params.type === "dedicated-worker") this.#workers.add(params.realm);
    }
    const isHere = params.source?.context === this.#context;
    if (method === "log.entryAdded" && isHere && ["error", "warn"].includes(params.level)) {
      this.complaints.push(params.text);
    }
  }

  run<R, A = undefined>(body: Body<R, A>, argument?: A): Promise<R> {
    return this.evaluate(callOf(body, argument as A));
  }

  async evaluate<R>(expression: string): Promise<R> {
    const { type, result, exceptionDetails } = await this.#bidi.send("script.evaluate", {
      expression: `(async () => JSON.stringify(await ${expression} ?? null))()`,
      target: { context: this.#context },
      awaitPromise: true,
    });
    if (type === "exception") throw new Error(exceptionDetails.text);
    return JSON.parse(result.value);
  }

  countWorkers(): number {
    return this.#workers.size;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}
