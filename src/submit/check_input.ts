import { InvalidInputError } from "../errors.ts";
import type { KindInfo } from "./kind.ts";
import type { SchemaResult } from "../schema.ts";
import { isThenable } from "../thenable.ts";

/**
 * Checks an input against its kind's schema.
 *
 * @returns The value `run` sees, or a promise of it if the schema is asynchronous.
 * @throws {InvalidInputError} If the input does not fit, or the schema itself throws.
 */
export function checkInput(kind: KindInfo, input: unknown): unknown | PromiseLike<unknown> {
  const schema = kind.schema!["~standard"];
  let result: SchemaResult<unknown> | PromiseLike<SchemaResult<unknown>>;
  try {
    result = schema.validate(input);
  } catch (cause) {
    throw schemaThrew(kind, cause);
  }
  if (!isThenable(result)) return valueOf(kind, result);
  return result.then(
    (later) => valueOf(kind, later as SchemaResult<unknown>),
    (cause) => {
      throw schemaThrew(kind, cause);
    },
  );
}

function valueOf(kind: KindInfo, result: SchemaResult<unknown>): unknown {
  if (result.issues !== undefined) throw new InvalidInputError(kind.name, result.issues);
  return result.value;
}

function schemaThrew(kind: KindInfo, cause: unknown): InvalidInputError {
  const message = `the schema threw ${cause instanceof Error ? cause.message : String(cause)}`;
  return new InvalidInputError(kind.name, [{ message }], { cause });
}
