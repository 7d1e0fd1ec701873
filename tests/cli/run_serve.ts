import { type Running, type RunOptions, startCli } from "./run_cli.ts";

/** `helixrouter serve` that listens. */
export interface Serving extends AsyncDisposable {
  readonly run: Running;
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** The token it has printed. */
  readonly token: string;
  /** Asks it for something. */
  ask(path: string, options?: AskOptions): Promise<{ status: number; body: unknown }>;
}

/** How it is asked. */
export interface AskOptions {
  readonly method?: string;
  readonly token?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
}

/** Starts `helixrouter serve` on any free port, and waits until it says where. */
export async function startServe(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Serving> {
  const run = startCli(["serve", "--port", "0", ...args], options);
  await run.shows("/metrics\n");
  const [, url, token] = /(http:\S+)\/#token=(\S+)/.exec(run.printed.stdout)!;
  return {
    run,
    url,
    token: decodeURIComponent(token),
    async ask(path, { method = "GET", token, json } = {}) {
      const response = await fetch(url + path, {
        method,
        headers: {
          ...token === undefined ? {} : { authorization: `Bearer ${token}` },
          ...json === undefined ? {} : { "content-type": "application/json" },
        },
        ...json === undefined ? {} : { body: JSON.stringify(json) },
      });
      return { status: response.status, body: await response.json() };
    },
    async [Symbol.asyncDispose]() {
      run.kill("SIGTERM");
      await run.ended;
    },
  };
}
