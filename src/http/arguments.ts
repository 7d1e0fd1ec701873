import { InvalidOptionError } from "../../mod.ts";

/** @throws {InvalidOptionError} If an option is none of `known`. */
export function refuseUnknown<T extends object>(
  options: T,
  known: { readonly [N in keyof T]-?: boolean },
  action: string,
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new InvalidOptionError("options", options, "an object", action);
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(known, name)) continue;
    const wanted = `one of the options ${Object.keys(known).join(", ")}`;
    throw new InvalidOptionError(name, value, wanted, action);
  }
}

/** @throws {InvalidOptionError} If what should be a router lacks a `member` that each has. */
export function checkRouter(router: unknown, member: string, call: string, action: string): void {
  if (Object(router)[member] !== undefined) return;
  const wanted = `what "await createRouter(…)" gives, as in ${call}`;
  throw new InvalidOptionError("router", router, wanted, action);
}
