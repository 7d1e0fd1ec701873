import type { JsonSchema } from "./input_schema.ts";

/** Meaning of each status of a response. */
export const STATUS_MEANINGS: Readonly<Record<number, string>> = {
  200: "The job completed.",
  400: "What was sent is not valid JSON, or is incomplete.",
  401: "The token is missing or wrong.",
  403: "The host is not served, or a page of another origin sent the request.",
  404: "There is no such kind.",
  413: "The body is too large, or has too many jobs.",
  415: "The content type is not supported.",
  422: "Something that was sent is invalid: issues say what and where.",
  500: "The job failed, or its output cannot be serialized as JSON.",
  502: "The worker died while it ran the job.",
  503: "The job was dropped, there are too many requests, or the router is closed: Retry-After " +
    "says when to retry.",
  504: "The request, or the run of its job, took too long.",
};

/** Who may call: anyone, readers (with the token, if configured), changers (with the token). */
export type Access = "anyone" | "reader" | "changer";

/** A reference to one of the document's schemas. */
export function schemaRef(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** A response: what its status means, and the schema of its JSON. */
export function answerOf(description: string, schema: JsonSchema): JsonSchema {
  return { description, content: { "application/json": { schema } } };
}

/** Responses with an error. */
export function errorsOf(...statuses: readonly number[]): JsonSchema {
  return Object.fromEntries(
    statuses.map((status) => [status, answerOf(STATUS_MEANINGS[status], schemaRef("Error"))]),
  );
}

/** One operation. */
export interface Operation {
  /** Heading it is listed under. */
  readonly tag: string;
  /** What it does, in a sentence. */
  readonly summary: string;
  /** Who may call it. */
  readonly access: Access;
  /** Parameters in path, query and headers. */
  readonly parameters?: readonly JsonSchema[];
  /** The body. */
  readonly requestBody?: JsonSchema;
  /** Responses by status, without those of the guard and its token. */
  readonly responses: JsonSchema;
}

/** Whether an operation needs the token. */
export function needsToken({ access }: Operation, isProtected: boolean): boolean {
  return access === "changer" || (access === "reader" && isProtected);
}

/** An operation, as part of a document. */
export function toOperationObject(operation: Operation, isProtected: boolean): JsonSchema {
  const { tag, access: _, responses, ...rest } = operation;
  const isGuarded = needsToken(operation, isProtected);
  return {
    tags: [tag],
    ...rest,
    responses: { ...responses, ...errorsOf(...isGuarded ? [401, 403] : [403]) },
    security: isGuarded ? [{ token: [] }] : [],
  };
}
