import { answerBody, answerJson } from "../answers/answer.ts";
import type { ServedJobs } from "../jobs/served_jobs.ts";
import { createDocument } from "../openapi/document.ts";
import type { JsonSchema } from "../openapi/input_schema.ts";
import { docsPage } from "./docs_page.ts";
import { DOCS_STYLE } from "./style.ts";

/** The page loads a style sheet from its own server, and nothing else: no script, form or frame. */
const POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The docs of an app, for programs and for people: created once, on the first request. */
export class Docs {
  readonly #jobs: ServedJobs;
  readonly #isProtected: boolean;
  #document: JsonSchema | undefined;
  #page: string | undefined;

  /**
   * @param jobs The served jobs.
   * @param isProtected Whether reading needs the token, too.
   */
  constructor(jobs: ServedJobs, isProtected: boolean) {
    this.#jobs = jobs;
    this.#isProtected = isProtected;
  }

  /** Answers `GET /openapi.json`. */
  answerDocument(): Response {
    this.#document ??= createDocument(this.#jobs, this.#isProtected);
    return answerJson(200, this.#document);
  }

  /** Answers `GET /docs`. */
  answerPage(): Response {
    this.#page ??= docsPage(this.#jobs, this.#isProtected);
    const headers = { "content-security-policy": POLICY };
    return answerBody(this.#page, "text/html; charset=utf-8", headers);
  }

  /** Answers `GET /docs/style.css`. */
  answerStyle(): Response {
    return answerBody(DOCS_STYLE, "text/css; charset=utf-8");
  }
}
