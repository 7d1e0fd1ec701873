import process from "node:process";
import { DONE, FAILED, UsageError, WRONG_USAGE } from "./exit_code.ts";
import { flushOutput, ignoreClosedPipes, stderr, stdout } from "./output.ts";
import { VERSION } from "./version.ts";

const HELP = `Usage: helixrouter COMMAND [options]

One submit(), and the router decides how a job runs.

  simulate          run a load through a router and report the results
  serve [JOBFILE]   serve the jobs of a file over HTTP
  -h, --help        print this help; after a command, the help of that command
  --version         print the version

Exit codes: 0 done, 1 failed, 2 wrong usage.
`;

/**
 * Runs the command line, then exits the process with its exit code: on Deno a thread that cannot be
 * stopped would keep it alive.
 *
 * @param command Arguments to insert before those of the process.
 */
export async function runCli(command: readonly string[] = []): Promise<void> {
  ignoreClosedPipes();
  const code = await main([...command, ...process.argv.slice(2)]);
  await flushOutput();
  process.exit(code);
}

/**
 * Runs a command.
 *
 * @param args The arguments, the command first.
 * @returns The exit code. Never rejects.
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    stderr.write(`helixrouter: ${toLine(error)}\n`);
    return error instanceof UsageError ? WRONG_USAGE : FAILED;
  }
}

/** Commands are loaded on demand: a simulation needs no web framework. */
async function dispatch([command, ...rest]: readonly string[]): Promise<number> {
  switch (command) {
    case "simulate": {
      const { simulateCommand } = await import("./simulate_command.ts");
      return simulateCommand(rest);
    }
    case "serve": {
      const { serveCommand } = await import("./serve_command.ts");
      return serveCommand(rest);
    }
    case "--help":
    case "-h":
    case "help":
      stdout.write(HELP);
      return DONE;
    case "--version":
    case "-v":
      stdout.write(`${VERSION}\n`);
      return DONE;
  }
  const wanted = "must be one of simulate, serve, --help, --version";
  if (command === undefined) throw new UsageError(`Command is missing: ${wanted}`);
  throw new UsageError(`Unknown command ${JSON.stringify(command)}: ${wanted}`);
}

function toLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const name = error instanceof UsageError ? "" : `${error.name}: `;
  const why = error.cause instanceof Error ? error.cause.message : "";
  const cause = error.message.includes(why) ? "" : ` (${why})`;
  return (name + error.message + cause).replace(/\s*\n\s*/g, " ");
}
