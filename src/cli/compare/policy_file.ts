import type { AnyPolicy } from "../../../mod.ts";
import { UsageError } from "../exit_code.ts";
import { importFile } from "../import_file.ts";

/** A policy from a file. */
export interface OwnPolicy {
  /** Its name; `undefined` if it has none. */
  readonly name: string | undefined;
  /** Creates one for a run. */
  readonly create: () => AnyPolicy;
}

/** Whether a value of `--policy` names a file: policies that come along have no dot and no slash. */
export function isPolicyFile(value: string | undefined): value is string {
  return value !== undefined && /[./\\]/.test(value);
}

/**
 * Loads a policy.
 *
 * @param path Path of a file whose default export is a policy, or a function that gives a new one.
 * @throws {UsageError} If it cannot be loaded, or has another default export.
 */
export async function loadPolicyFile(path: string): Promise<OwnPolicy> {
  const { default: given } = await importFile(path, "--policy");
  const create = typeof given === "function" ? given as () => unknown : () => given;
  let policy: unknown;
  try {
    policy = create();
  } catch (error) {
    throw new UsageError(
      `--policy ${path}: its default export must give a policy: it threw ${error}`,
    );
  }
  if (!isPolicy(policy)) {
    const received = policy === given
      ? describe(given)
      : `a function that gives ${describe(policy)}`;
    throw new UsageError(
      `--policy ${path}: its default export must be a policy, or a function that gives one, such as ` +
        `export default () => ({ name: "mine", decide: (job, load) => ` +
        `({ strategy: "inline", reason: "always" }) }): received ${received}`,
    );
  }
  const { name } = policy;
  return {
    name: typeof name === "string" && name !== "" ? name : undefined,
    create: create as () => AnyPolicy,
  };
}

function isPolicy(value: unknown): value is AnyPolicy {
  return typeof value === "object" && value !== null &&
    typeof (value as Partial<AnyPolicy>).decide === "function";
}

function describe(value: unknown): string {
  if (value === undefined) return "none";
  if (value instanceof Promise) return "a promise";
  if (typeof value === "object" && value !== null) return 'an object without "decide"';
  return String(value);
}
