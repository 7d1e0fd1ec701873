import { type Arguments, type CommandSyntax, readInteger } from "./arguments.ts";
import { readVariable } from "./environment.ts";
import { UsageError } from "./exit_code.ts";
import {
  readRouterOptions,
  ROUTER_HELP,
  ROUTER_SYNTAX,
  type RouterArguments,
} from "./router_options.ts";

/** The syntax of `serve`. */
export const SERVE_SYNTAX: CommandSyntax = {
  command: "serve",
  options: {
    host: "string",
    port: "string",
    simulate: "boolean",
    record: "string",
    token: "string",
    insecure: "boolean",
    "allow-host": "string",
    "drain-ms": "string",
    ...ROUTER_SYNTAX,
  },
  maxOperands: 1,
};

/** What `serve --help` prints. */
export const SERVE_HELP: string = `Usage: helixrouter serve [JOBFILE] [options]

Serves the default export of JOBFILE, or the jobs of the simulation if there is no
file, over HTTP: a live dashboard, an API with its docs, metrics for Prometheus.

  --host ADDRESS   address to listen on (127.0.0.1)
  --port N         port to listen on; 0 for any free one (8080)
  --simulate       keep the router busy with the synthetic workload
  --record FILE    write each job and what came of it, without its input, as a line
                   of JSON, for simulate --trace
  --token TOKEN    token that every request must send (HELIX_TOKEN); by default a
                   random one is printed, which only changes need
  --insecure       allow other machines to connect without a token of your own
  --allow-host A,B host names to serve besides those of this machine
  --drain-ms N     time that running jobs have to end, in ms (5000)
${ROUTER_HELP}
  -h, --help       print this help

HELIX_LOG=debug|info|warn|off sets the log level on standard error (info); debug logs
each decision as a line of JSON. Ctrl+C lets running jobs end, then stops.
`;

/** The parsed command line of `serve`. */
export interface ServeArguments {
  /** The job file; without one, the jobs of the simulation are served. */
  readonly jobFile: string | undefined;
  /** `--host`. */
  readonly hostname: string;
  /** `--port`. */
  readonly port: number;
  /** `--simulate`. */
  readonly simulates: boolean;
  /** `--record`; without it, nothing is recorded. */
  readonly recordPath: string | undefined;
  /** `--token`, or `HELIX_TOKEN`. */
  readonly token: string | undefined;
  /** `--insecure`. */
  readonly insecure: boolean;
  /** `--allow-host`. */
  readonly allowedHosts: readonly string[];
  /** `--drain-ms`. */
  readonly drainMs: number;
  /** Options of the router. */
  readonly router: RouterArguments;
}

/**
 * Parses the command line of `serve`.
 *
 * @throws {UsageError} If an argument is invalid.
 */
export function readServeOptions(given: Arguments): ServeArguments {
  const { values, operands: [jobFile] } = given;
  const simulates = values.has("simulate");
  if (simulates && jobFile !== undefined) {
    throw new UsageError("--simulate cannot be used with a job file");
  }
  return {
    jobFile,
    hostname: values.get("host") ?? "127.0.0.1",
    port: readInteger(given, "port", { min: 0, max: 65_535 }) ?? 8_080,
    simulates,
    recordPath: values.get("record"),
    token: readToken(values.get("token")),
    insecure: values.has("insecure"),
    allowedHosts: readHosts(values.get("allow-host")),
    drainMs: readInteger(given, "drain-ms", { min: 0, max: 2_147_483_647 }) ?? 5_000,
    router: readRouterOptions(given),
  };
}

/** A token is never shown in a message. */
function readToken(given: string | undefined): string | undefined {
  const token = given ?? readVariable("HELIX_TOKEN");
  if (token === undefined || /^[\x21-\x7e]{1,512}$/.test(token)) return token;
  const name = given === undefined ? "HELIX_TOKEN" : "--token";
  throw new UsageError(`${name} must be 1 to 512 visible ASCII characters`);
}

function readHosts(text: string | undefined): string[] {
  if (text === undefined) return [];
  const hosts = text.split(",").map((host) => host.trim());
  // A name, an address, or "*" behind a proxy.
  const wrong = hosts.find((host) => !/^(\*|[\w.-]+|\[[\da-f:.]+\])$/i.test(host));
  if (wrong === undefined) return hosts;
  const wanted = "names or addresses without a port, or *, separated by commas";
  throw new UsageError(`--allow-host must be ${wanted}: received ${JSON.stringify(wrong)}`);
}
