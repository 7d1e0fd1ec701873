import type { HonoRequest } from "hono";
import { RefusedRequestError } from "../answers/refusal.ts";

/**
 * Reads a request's query.
 *
 * @typeParam N Allowed names.
 * @param request The request.
 * @param names Allowed names.
 * @param action What cannot be done if there is another one.
 * @returns Texts by name.
 * @throws {RefusedRequestError} If there is another name (422).
 */
export function readQuery<N extends string>(
  request: HonoRequest,
  names: readonly N[],
  action: string,
): { readonly [name in N]?: string } {
  const query = request.query();
  for (const name of Object.keys(query)) {
    if (!(names as readonly string[]).includes(name)) {
      throw invalidQuery(name, `one of the names ${names.join(", ")}`, action);
    }
  }
  return query as { readonly [name in N]?: string };
}

/** The refusal of a query parameter. */
export function invalidQuery(name: string, wanted: string, action: string): RefusedRequestError {
  const message = `Cannot ${action} as query ${JSON.stringify(name)} must be ${wanted}`;
  const issues = [{ path: ["query", name], message: `Must be ${wanted}` }];
  return new RefusedRequestError(422, "invalid_query", message, { issues });
}
