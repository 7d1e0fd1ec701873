import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { moduleUrl } from "../place.ts";
import { runtime } from "../runtime.ts";
import type { ServerFacts, ServerUrls } from "./server.ts";

/** The server under test. */
export interface BenchServer {
  readonly urls: ServerUrls;
  facts(): Promise<ServerFacts>;
  stop(): void;
}

/** Starts it in a process of its own, on this runtime. */
export function startServer(): Promise<BenchServer> {
  const args = runtime.name === "deno" ? ["run", "-A"] : [];
  const child = spawn(process.execPath, [...args, fileURLToPath(moduleUrl("http/server"))], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    let text = "";
    child.on("error", reject);
    child.on("close", (code) => reject(new Error(`The server has ended with ${code}`)));
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (!text.endsWith("\n")) return;
      const urls: ServerUrls = JSON.parse(text);
      resolve({
        urls,
        facts: async () => await (await fetch(urls.facts)).json(),
        stop: () => void child.stdin.end(),
      });
    });
  });
}
