import { answerText } from "../answers/answer.ts";
import type { ServedJobs } from "../jobs/served_jobs.ts";
import { docsPage } from "./docs_page.ts";
import { DOCS_STYLE } from "./style.ts";

/** The page has a style of its own server's, and nothing else: no script, no form, no frame. */
const POLICY =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The docs of what is served: written once, when they are first asked for. */
export class Docs {
  readonly #jobs: ServedJobs;
  #page: string | undefined;

  /** @param jobs What is served. */
  constructor(jobs: ServedJobs) {
    this.#jobs = jobs;
  }

  /** Answers `GET /docs`. */
  answerPage(): Response {
    this.#page ??= docsPage(this.#jobs);
    const headers = { "content-security-policy": POLICY };
    return answerText(this.#page, "text/html; charset=utf-8", headers);
  }

  /** Answers `GET /docs/style.css`. */
  answerStyle(): Response {
    return answerText(DOCS_STYLE, "text/css; charset=utf-8");
  }
}
