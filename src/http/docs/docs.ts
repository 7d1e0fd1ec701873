import { answerBody, answerJson } from "../answers/answer.ts";
import type { ServedJobs } from "../jobs/served_jobs.ts";
import { createDocument } from "../openapi/document.ts";
import type { JsonSchema } from "../openapi/input_schema.ts";
import { docsPage } from "./docs_page.ts";
import { DOCS_STYLE } from "./style.ts";

/** The page has a style of its own server's, and nothing else: no script, no form, no frame. */
const POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The docs of what is served, for programs and for people: made once, when they are asked for. */
export class Docs {
  readonly #jobs: ServedJobs;
  readonly #isProtected: boolean;
  #document: JsonSchema | undefined;
  #page: string | undefined;

  /**
   * @param jobs What is served.
   * @param isProtected Whether what can be read needs the token, too.
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
