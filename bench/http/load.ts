import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { sourceFolder } from "../place.ts";

/** What is sent, and how hard. */
export interface Load {
  readonly url: string;
  readonly body: string;
  readonly seconds: number;
  readonly connections: number;
  /** Requests a second, sent evenly; as many as are answered by default. */
  readonly rate?: number;
}

/** Answers of one status. */
export interface Answers {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** What came back. */
export interface Loaded {
  readonly seconds: number;
  /** Requests without an answer. */
  readonly errors: number;
  readonly statuses: Readonly<Record<string, Answers>>;
}

const NO_ANSWERS: Answers = { count: 0, p50Ms: NaN, p99Ms: NaN, maxMs: NaN };

/** Loads a server. */
export function load(what: Load): Promise<Loaded> {
  const script = fileURLToPath(new URL("http/load.mjs", sourceFolder));
  return new Promise((resolve, reject) => {
    const child = spawn("node", [script, JSON.stringify(what)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => text += part);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(text));
      else reject(new Error(`The client has ended with ${code}`));
    });
  });
}

/** Answers of a status, none at all included. */
export function answersOf({ statuses }: Loaded, status: number): Answers {
  return statuses[status] ?? NO_ANSWERS;
}
