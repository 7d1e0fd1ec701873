import {
  createRouter,
  type HelixRouter,
  InvalidOptionError,
  type Jobs,
  runtimeInfo,
} from "../../mod.ts";
import { demoJobs, type DemoKinds } from "../simulation/mod.ts";
import { type CommandSyntax, readArguments, readInteger } from "./arguments.ts";
import { DONE, UsageError } from "./exit_code.ts";
import { watchInterrupts } from "./interrupt.ts";
import { loadJobFile } from "./job_file.ts";
import { createLog, readLogLevel } from "./log.ts";
import { stdout } from "./output.ts";
import {
  readRouterOptions,
  ROUTER_HELP,
  ROUTER_SYNTAX,
  type RouterArguments,
} from "./router_options.ts";
import { feedSyntheticLoad } from "./synthetic_load.ts";
import { VERSION } from "./version.ts";

const SYNTAX: CommandSyntax = {
  command: "serve",
  options: { host: "string", port: "string", simulate: "boolean", ...ROUTER_SYNTAX },
  maxOperands: 1,
};

/** What `serve --help` prints. */
export const SERVE_HELP: string = `Usage: helixrouter serve [JOBFILE] [options]

Serves the jobs that JOBFILE exports by default over HTTP, or without a file the jobs
of the simulation.

  --host ADDRESS   where to listen (127.0.0.1)
  --port N         the port; 0 for any free one (8080)
  --simulate       keep the router busy with the synthetic workload
${ROUTER_HELP}
  -h, --help       print this

HELIX_LOG=debug|info|warn|off says how much is told on standard error (info); debug
has one line of JSON for every decision. Ctrl+C lets running jobs end, then stops.
`;

/**
 * Runs `helixrouter serve` until a signal ends it.
 *
 * @param args What follows the command.
 * @returns The exit code.
 * @throws {UsageError} If the arguments are wrong.
 */
export async function serveCommand(args: readonly string[]): Promise<number> {
  const given = readArguments(args, SYNTAX);
  if (given.values.has("help")) {
    stdout.write(SERVE_HELP);
    return DONE;
  }
  const log = createLog(readLogLevel());
  const hostname = given.values.get("host") ?? "127.0.0.1";
  const port = readInteger(given, "port", { min: 0, max: 65_535 }) ?? 8_080;
  const routerOptions = readRouterOptions(given);
  const simulates = given.values.has("simulate");
  const [path] = given.operands;
  if (simulates && path !== undefined) {
    throw new UsageError("--simulate does not go with a job file");
  }
  const interrupt = watchInterrupts();
  const router = path === undefined
    ? await createRouter({ ...routerOptions, jobs: demoJobs })
    : await createRouterOf(path, routerOptions);
  if (log.level === "debug") router.onDecision(log.decision);

  // The one place that needs the web framework.
  const { createHttpApp, serve } = await import("../http/mod.ts");
  const server = await serve(createHttpApp(router), { hostname, port }).catch(async (error) => {
    await router.close();
    throw error;
  });
  const { name, version } = runtimeInfo();
  stdout.write(
    `HelixRouter ${VERSION} on ${name} ${version}: ${router.kinds.join(", ")} at ${server.url}\n`,
  );
  if (simulates) {
    log.info("feeding the synthetic workload");
    void feedSyntheticLoad(router as HelixRouter<DemoKinds>, interrupt.signal);
  }
  await interrupt.happened;
  log.info("shutting down");
  await server.close();
  await router.close();
  return DONE;
}

/** A router of the jobs in a file. */
async function createRouterOf(
  path: string,
  options: RouterArguments,
): Promise<HelixRouter<Record<string, never>>> {
  const jobs = await loadJobFile(path);
  try {
    return await createRouter({ ...options, jobs: jobs as Jobs<Record<string, never>> });
  } catch (error) {
    if (!(error instanceof InvalidOptionError) || error.option !== "jobs") throw error;
    throw new UsageError(
      `Cannot use job file ${path}: its default export must be what "defineJobs" gives`,
    );
  }
}
