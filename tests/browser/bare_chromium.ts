// Chromium by its own protocol. Playwright would keep each page visible, and its timers in time.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { chromiumPath, FLAGS } from "../fixtures/chromium.ts";
import { type Body, callOf, type OpenPage } from "./open_page.ts";
import { until } from "./engines/engine.ts";

interface Answer {
  readonly id?: number;
  // deno-lint-ignore no-explicit-any
  readonly result?: any;
  readonly error?: { readonly message: string };
}

/** A page in a window that can be hidden. */
export interface BarePage extends OpenPage {
  /** Hides the window, or shows it again. */
  show(isShown: boolean): Promise<void>;
}

/** Starts Chromium with a page. */
export async function openBarePage(url: string): Promise<BarePage> {
  const profile = await mkdtemp(join(tmpdir(), "helixrouter-chromium-"));
  const flags = ["--headless=new", "--remote-debugging-pipe", `--user-data-dir=${profile}`];
  const child = spawn(chromiumPath!, [...flags, ...FLAGS], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  const send = speak(child.stdio[3] as Writable, child.stdio[4] as Readable);
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });

  const evaluate = async (expression: string) => {
    const how = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await send("Runtime.evaluate", how, sessionId);
    if (exceptionDetails === undefined) return result.value;
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  };
  await send("Page.navigate", { url }, sessionId);
  await until(() => evaluate('"ready" in document.documentElement.dataset').catch(() => false));
  return {
    complaints: [],
    run: <R, A>(body: Body<R, A>, argument?: A) => evaluate(callOf(body, argument as A)),
    countWorkers: () => undefined,
    async show(isShown) {
      const { windowId } = await send("Browser.getWindowForTarget", { targetId });
      const bounds = { windowState: isShown ? "normal" : "minimized" };
      await send("Browser.setWindowBounds", { windowId, bounds });
      await until(() => evaluate(`document.hidden === ${!isShown}`));
    },
    async [Symbol.asyncDispose]() {
      send("Browser.close", {}).catch(() => {});
      await ended;
      for (const stream of child.stdio) stream?.destroy();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Sends commands: JSON, each with a zero byte at its end; what is no answer is an event. */
function speak(to: Writable, from: Readable) {
  const waiting = new Map<number, (answer: Answer) => void>();
  let text = "";
  let sent = 0;
  from.setEncoding("utf8").on("data", (chunk: string) => {
    const [first, ...more] = chunk.split("\0");
    text += first;
    for (const next of more) {
      const answer: Answer = JSON.parse(text);
      waiting.get(answer.id ?? 0)?.(answer);
      text = next;
    }
  });
  return async (method: string, params: object, sessionId?: string) => {
    const id = ++sent;
    const { result, error } = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
      to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
    if (error === undefined) return result;
    throw new Error(`${method}: ${error.message}`);
  };
}
