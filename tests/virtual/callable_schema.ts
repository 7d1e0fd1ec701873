import type { SchemaResult, StandardSchema } from "../../mod.ts";

/** A schema that is a function, as those of arktype are. */
export function type(
  test: (value: unknown) => boolean,
  wanted: string,
): StandardSchema<number> & ((value: unknown) => boolean) {
  const validate = (value: unknown): SchemaResult<number> =>
    test(value) ? { value: value as number } : { issues: [{ message: `must be ${wanted}` }] };
  return Object.assign(test, { "~standard": { version: 1, vendor: "test", validate } as const });
}
