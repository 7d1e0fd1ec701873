/** The built-in worker entry, beside the sources as TypeScript and beside the build as JavaScript. */
export function workerUrl(): URL {
  return import.meta.url.endsWith(".ts")
    ? new URL("../../workers/job_worker.ts", import.meta.url)
    : new URL("../../workers/job_worker.js", import.meta.url);
}
