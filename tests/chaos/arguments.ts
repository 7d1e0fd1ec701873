import { parseArgs } from "node:util";
import type { Transport } from "../../mod.ts";

const TRANSPORTS: readonly Transport[] = ["auto", "shared_memory", "messages"];

/** What the command line asks for. */
export interface Arguments {
  readonly seed: number;
  readonly seconds: number;
  readonly json: string | undefined;
  readonly runaways: boolean;
  /** `undefined`: each round draws one. */
  readonly transport: Transport | undefined;
  readonly help: boolean;
}

const SECONDS = 300;

export const USAGE = `chaos [options]

  --seed N       of all that is drawn, an integer from 0 to 4,294,967,295; by default a new one
  --seconds N    how long, ${SECONDS} by default
  --json FILE    writes the report
  --runaways     endless loops on Deno, too, where each costs a thread for good
  --transport T  ${TRANSPORTS.join(", ")}: of every round; by default each draws one
  --help         this text`;

/** @throws {TypeError} If the command line is wrong, with what is wrong. */
export function readArguments(args: readonly string[], newSeed: number): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      json: { type: "string" },
      runaways: { type: "boolean", default: false },
      seconds: { type: "string" },
      seed: { type: "string" },
      transport: { type: "string" },
    },
  });
  return {
    seed: readNumber("seed", values.seed, newSeed, 0, 4_294_967_295),
    seconds: readNumber("seconds", values.seconds, SECONDS, 1, 1_000_000),
    json: values.json,
    runaways: values.runaways === true,
    transport: readTransport(values.transport),
    help: values.help === true,
  };
}

function readTransport(text: string | undefined): Transport | undefined {
  const transport = TRANSPORTS.find((name) => name === text);
  if (transport !== undefined || text === undefined) return transport;
  throw new TypeError(`Cannot use --transport "${text}": wanted is ${TRANSPORTS.join(" or ")}`);
}

function readNumber(
  name: string,
  text: string | undefined,
  otherwise: number,
  min: number,
  max: number,
): number {
  if (text === undefined) return otherwise;
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (number >= min && number <= max) return number;
  throw new TypeError(`Cannot use --${name} "${text}": wanted is an integer from ${min} to ${max}`);
}
