import { parseArgs } from "node:util";
import { UsageError } from "./exit_code.ts";

/** An option of a command: one with a value, or a switch. */
export type OptionType = "string" | "boolean";

/** The syntax of a command. */
export interface CommandSyntax {
  /** Its name. */
  readonly command: string;
  /** Its options. */
  readonly options: Readonly<Record<string, OptionType>>;
  /** Options that are planned but not available yet. */
  readonly later?: readonly string[];
  /** Maximum number of arguments that are not options. */
  readonly maxOperands?: number;
}

/** Parsed arguments. */
export interface Arguments {
  /** Values of the options; the last one given wins, switches are `"true"`. */
  readonly values: ReadonlyMap<string, string>;
  /** Arguments that are not options. */
  readonly operands: readonly string[];
}

/**
 * Parses the arguments of a command. `--help` and `-h` are always accepted.
 *
 * @throws {UsageError} If an option is unknown or lacks its value, or there are too many arguments.
 */
export function readArguments(args: readonly string[], syntax: CommandSyntax): Arguments {
  const types: Record<string, OptionType> = { ...syntax.options, help: "boolean" };
  // parseArgs only splits the line: own messages are the same on every runtime.
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(types).map(([name, type]) => [
        name,
        name === "help" ? { type, short: "h" } : { type },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    values.set(
      token.name,
      valueOf(token, Object.hasOwn(types, token.name) ? types[token.name] : undefined, syntax),
    );
  }
  const { maxOperands = 0 } = syntax;
  if (operands.length > maxOperands) {
    throw new UsageError(`Unexpected argument ${JSON.stringify(operands[maxOperands])}`);
  }
  return { values, operands };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
}

function valueOf(
  { name, rawName, value }: OptionToken,
  type: OptionType | undefined,
  { command, options, later = [] }: CommandSyntax,
): string {
  if (type === undefined) {
    if (later.includes(name)) throw new UsageError(`${rawName} is not available yet`);
    const known = Object.keys(options).map((option) => `--${option}`).join(", ");
    throw new UsageError(`Unknown option ${rawName}: ${command} takes ${known}`);
  }
  if (type === "boolean") {
    if (value === undefined) return "true";
    throw new UsageError(`${rawName} takes no value: received ${JSON.stringify(value)}`);
  }
  if (value === undefined || value === "") throw new UsageError(`${rawName} needs a value`);
  return value;
}

/**
 * Reads an option as an integer.
 *
 * @returns The integer, or `undefined` if the option was not given.
 * @throws {UsageError} If it is not an integer from `min` to `max`.
 */
export function readInteger(
  { values }: Arguments,
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const text = values.get(name);
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  const wanted = `an integer from ${min} to ${max}`;
  throw new UsageError(`--${name} must be ${wanted}: received ${JSON.stringify(text)}`);
}

/**
 * Reads an option as a number above 0.
 *
 * @returns The number, or `undefined` if the option was not given.
 * @throws {UsageError} If it is not a number above 0 and at most `max`.
 */
export function readPositive(
  { values }: Arguments,
  name: string,
  { max }: { readonly max: number },
): number | undefined {
  const text = values.get(name);
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?$|^\.\d+$/.test(text) ? Number(text) : NaN;
  if (value > 0 && value <= max) return value;
  const wanted = `a number above 0 and at most ${max}`;
  throw new UsageError(`--${name} must be ${wanted}: received ${JSON.stringify(text)}`);
}
