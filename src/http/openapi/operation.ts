import type { JsonSchema } from "./input_schema.ts";

/** What each status of an answer says. */
export const STATUS_MEANINGS: Readonly<Record<number, string>> = {
  200: "The job ran.",
  400: "What was sent is no JSON, or not all of it has come.",
  401: "The token is missing, or wrong.",
  403: "This host is not served, or a page of another origin asks.",
  404: "There is no such kind.",
  413: "The body is too large, or has too many jobs.",
  415: "The content type is not one that is read.",
  422: "Something that was sent is wrong: issues tell what and where.",
  500: "The job failed, or gave back what is no JSON.",
  502: "The worker died under the job.",
  503: "The job was dropped, there are too many requests, or the router is closed: Retry-After " +
    "tells when to come back.",
  504: "The request, or the run of its job, took too long.",
};

/** Who may ask: anyone, who may read (with the token if it was chosen), who may change (with it). */
export type Access = "anyone" | "reader" | "changer";

/** A reference to one of the document's schemas. */
export function schemaRef(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** What a status says, and the schema of the JSON that comes with it. */
export function answerOf(description: string, schema: JsonSchema): JsonSchema {
  return { description, content: { "application/json": { schema } } };
}

/** Answers that are errors. */
export function errorsOf(...statuses: readonly number[]): JsonSchema {
  return Object.fromEntries(
    statuses.map((status) => [status, answerOf(STATUS_MEANINGS[status], schemaRef("Error"))]),
  );
}

/** One thing that can be asked. */
export interface Operation {
  /** Heading it stands under. */
  readonly tag: string;
  /** What it does, in a sentence. */
  readonly summary: string;
  /** Who may ask. */
  readonly access: Access;
  /** Parameters in path, query and headers. */
  readonly parameters?: readonly JsonSchema[];
  /** The body. */
  readonly requestBody?: JsonSchema;
  /** Answers by status, those of the token and the guard left out. */
  readonly responses: JsonSchema;
}

/** Whether an operation needs the token. */
export function needsToken({ access }: Operation, isProtected: boolean): boolean {
  return access === "changer" || (access === "reader" && isProtected);
}

/** An operation as a document has it. */
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
