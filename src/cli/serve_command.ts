import {
  createRouter,
  type HelixRouter,
  InvalidOptionError,
  type Jobs,
  runtimeInfo,
} from "../../mod.ts";
import { demoJobs, type DemoKinds, recordTrace } from "../simulation/mod.ts";
import { readArguments } from "./arguments.ts";
import { DemoLoads } from "./demo_loads.ts";
import { DONE, UsageError } from "./exit_code.ts";
import { type Interrupt, watchInterrupts } from "./interrupt.ts";
import { loadJobFile } from "./job_file.ts";
import { createLog, type Log, readLogLevel } from "./log.ts";
import { stdout } from "./output.ts";
import { createRecordFile, type RecordFile } from "./record_file.ts";
import type { RouterArguments } from "./router_options.ts";
import {
  readServeOptions,
  SERVE_HELP,
  SERVE_SYNTAX,
  type ServeArguments,
} from "./serve_options.ts";
import { styleOf } from "./style.ts";
import { VERSION } from "./version.ts";

/**
 * Runs `helixrouter serve` until a signal stops it.
 *
 * @param args Arguments after the command.
 * @returns The exit code.
 * @throws {UsageError} If the arguments are invalid.
 */
export async function serveCommand(args: readonly string[]): Promise<number> {
  const given = readArguments(args, SERVE_SYNTAX);
  if (given.values.has("help")) {
    stdout.write(SERVE_HELP);
    return DONE;
  }
  const log = createLog(readLogLevel());
  const options = readServeOptions(given);
  const { jobFile, recordPath } = options;
  const recording = recordPath === undefined ? undefined : createRecordFile(recordPath, log.warn);
  const interrupt = watchInterrupts();
  const serving: Serving = { options, log, interrupt, recording };
  if (jobFile !== undefined) {
    const router = await createRouterOf(jobFile, options.router);
    return serveRouter(router, serving);
  }
  const router = await createRouter({ ...options.router, jobs: demoJobs });
  const demo = new DemoLoads(router, log.info);
  return serveRouter(router, serving, demo);
}

type AnyRouter = HelixRouter<Record<string, never>> | HelixRouter<DemoKinds>;

/** What goes with serving a router. */
interface Serving {
  readonly options: ServeArguments;
  readonly log: Log;
  readonly interrupt: Interrupt;
  readonly recording: RecordFile | undefined;
}

async function serveRouter(
  router: AnyRouter,
  { options, log, interrupt, recording }: Serving,
  demo?: DemoLoads,
): Promise<number> {
  const { hostname, port, token, insecure, allowedHosts, drainMs, simulates } = options;
  if (recording !== undefined) {
    recordTrace(router as HelixRouter<Record<string, never>>, recording.add);
  }
  if (log.level === "debug") router.on("decision", log.decision);
  router.on("worker", log.worker);
  // The only place that needs the web framework.
  const { createHttpApp, InsecureListenError, serve, tokenOf } = await import("../http/mod.ts");
  const app = createHttpApp(router as HelixRouter<Record<string, never>>, {
    ...(token === undefined ? {} : { token }),
    ...(demo === undefined ? {} : { demo }),
    allowedHosts,
    onAudit: log.audit,
    onError: (error) => log.warn(error instanceof Error ? `${error.stack}` : String(error)),
  });
  const server = await serve(app, { hostname, port, insecure, drainMs }).catch(async (error) => {
    await router.close();
    if (!(error instanceof InsecureListenError)) throw error;
    throw new UsageError(
      `--host ${hostname} is reachable from other machines: set a --token, or pass --insecure`,
    );
  });
  stdout.write(toAddresses(router, server.url, tokenOf(app)));
  if (simulates) demo?.start("simulation");
  await interrupt.happened;
  log.info(`shutting down: running jobs have ${drainMs} ms to end; another signal exits at once`);
  demo?.stop();
  await server.close();
  await router.close({ drainMs });
  recording?.close();
  return DONE;
}

/** Lists what is served, and at which address. */
function toAddresses(router: AnyRouter, url: string, token: string): string {
  const { name, version } = runtimeInfo();
  const { bold, dim } = styleOf(stdout);
  const addresses = [
    ["Dashboard", `${url}/#token=${encodeURIComponent(token)}`],
    ["Jobs", `${url}/api/jobs/:kind`],
    ["API", `${url}/docs`],
    ["Metrics", `${url}/metrics`],
  ];
  return [
    `${bold(`HelixRouter ${VERSION}`)} on ${name} ${version}: ${router.kinds.join(", ")}`,
    ...addresses.map(([what, where]) => `  ${dim(what.padEnd(10))} ${where}`),
    "",
  ].join("\n");
}

/** Creates a router for the jobs in a file. */
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
      `Cannot use job file ${path}: its default export must be what "defineJobs" returns`,
    );
  }
}
