import { html, raw } from "hono/html";
import { HINT_HEADERS } from "../jobs/hints.ts";
import type { ServedKind } from "../jobs/run_job.ts";
import type { ServedJobs } from "../jobs/served_jobs.ts";
import { HINTS_MEANING } from "../openapi/answer_schemas.ts";
import { inputSchemaOf } from "../openapi/input_schema.ts";
import { OPERATE_PATHS } from "../openapi/operate_paths.ts";
import { needsToken, STATUS_MEANINGS } from "../openapi/operation.ts";

/**
 * The docs page. It loads its own style sheet, and nothing else.
 *
 * @param jobs The served jobs.
 * @param isProtected Whether reading needs the token, too.
 * @returns The HTML.
 */
export function docsPage(jobs: ServedJobs, isProtected: boolean): string {
  const kinds = [...jobs.kinds];
  const { maxBodyBytes, maxBatchItems, requestTimeoutMs } = jobs.limits;
  const page = html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>HelixRouter: jobs over HTTP</title>
        <link rel="stylesheet" href="docs/style.css">
      </head>
      <body>
        <main>
    <h1>Jobs over HTTP</h1>
    <p>The API of this server. The same for programs: <a href="openapi.json">openapi.json</a>.</p>
    <h2>Kinds</h2>
    ${kinds.map(kindSection)}
    <h2>Jobs</h2>
    <p><code>POST api/jobs/KIND</code> takes <code>{ "input": …, "hints": { … } }</code> as
    <code>application/json</code>, or an input of bytes as <code>application/octet-stream</code>.
    An output of bytes is sent as it is, the rest of the outcome in <code>helix-*</code> headers.</p>
    <p><code>POST api/jobs/KIND/batch</code> takes <code>[input, …]</code> or
    <code>{ "inputs": [input, …], "hints": { … } }</code>, or one input per line as
    <code>application/x-ndjson</code>, and answers with one line per job, as soon as it is over.</p>
    <p>A body has at most ${maxBodyBytes} bytes, a batch at most ${maxBatchItems} jobs; a request takes at
    most ${requestTimeoutMs} ms.</p>
    <h3>Hints</h3>
    ${table(["hint", "header"], HINT_HEADERS)}
    <p>${HINTS_MEANING} A hint in the body takes precedence over one in a header. Other hints are
    refused.</p>
    <h3>Statuses</h3>
    ${table(["status", "meaning"], Object.entries(STATUS_MEANINGS))}
    <h2>Other paths</h2>
    ${table(["path", "", "needs"], otherRows(isProtected))}
    <h2>The token</h2>
    <p>Send it as <code>Authorization: Bearer TOKEN</code>. ${isProtected
      ? "All requests except health checks need it, jobs included."
      : "Jobs do not need it."}</p>
        </main>
      </body>
    </html>
  `;
  return `${page}`;
}

function kindSection({ name, schema, definition }: ServedKind) {
  const { cost, scaling, latencyBudgetMs, priority, runTimeoutMs } = definition;
  const { concurrency, concurrencyPerKey } = definition;
  const limits = { runTimeoutMs, concurrency, concurrencyPerKey };
  const facts = Object.entries({ cost, scaling, latencyBudgetMs, priority, ...limits })
    .filter(([, value]) => value !== undefined)
    .map((
      [key, value],
    ) => [key, typeof value === "function" ? "computed from the input" : `${value}`]);
  const path = `api/jobs/${encodeURIComponent(name)}`;
  const shown = JSON.stringify(inputSchemaOf(schema, "#"), null, 2);
  return html`
    <details>
    <summary><strong>${name}</strong> <code>POST ${path}</code></summary>
    ${facts.length === 0 ? raw("") : table(["", ""], facts)}
    <p>Input, as JSON Schema${shown === "{}" ? " (not available)" : ""}:</p>
    <pre tabindex="0">${shown}</pre>
    </details>
  `;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]) {
  const isHeadless = head.every((text) => text === "");
  const heads = html`
    <thead>
      <tr>${head.map((text) => html`<th>${text}</th>`)}</tr>
    </thead>
  `;
  return html`
    <div>
      <table>
    ${isHeadless ? raw("") : heads}
    <tbody>
    ${rows.map((row) => html`<tr>${row.map((text) => html`<td>${text}</td>`)}</tr>\n`)}</tbody>
      </table>
    </div>
  `;
}

function otherRows(isProtected: boolean): string[][] {
  return Object.entries(OPERATE_PATHS).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => [
      `${method.toUpperCase()} ${path.slice(1)}`,
      operation.summary,
      needsToken(operation, isProtected) ? "the token" : "",
    ])
  );
}
