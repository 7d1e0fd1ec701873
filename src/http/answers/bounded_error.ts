import type { ErrorBody, HttpIssue } from "../api/error.ts";

/** Issues in a response. */
const MAX_ISSUES = 20;
/** Steps of an issue's path. */
const MAX_STEPS = 20;
/** Characters of a step, or of a name. */
const MAX_NAME = 200;
/** Characters of a message. */
const MAX_MESSAGE = 500;

/** Cuts a text that a client may have sent, and says how much is missing. */
export function cut(text: string, maxLength: number): string {
  const more = text.length - maxLength;
  return more > 0 ? `${text.slice(0, maxLength)}… and ${more} more characters` : text;
}

/**
 * Bounds what an error repeats of a request: a response must not outgrow it. What is left out is
 * counted.
 */
export function boundError(error: ErrorBody["error"]): ErrorBody["error"] {
  const { message, issues, cause } = error;
  return {
    ...error,
    message: cut(message, MAX_MESSAGE),
    issues: issues && boundIssues(issues),
    cause: cause && { ...cause, name: cut(cause.name, MAX_NAME) },
  };
}

function boundIssues(issues: readonly HttpIssue[]): HttpIssue[] {
  const told = issues.slice(0, MAX_ISSUES).map(({ path, message }) => ({
    path: boundPath(path),
    message: cut(message, MAX_MESSAGE),
  }));
  const more = issues.length - told.length;
  if (more > 0) told.push({ path: [], message: `and ${more} more` });
  return told;
}

function boundPath(path: HttpIssue["path"]): HttpIssue["path"] {
  const told = path.slice(0, MAX_STEPS)
    .map((step) => typeof step === "string" ? cut(step, MAX_NAME) : step);
  const more = path.length - told.length;
  return more > 0 ? [...told, `and ${more} more`] : told;
}
