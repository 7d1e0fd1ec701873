/** The built-in worker entry: TypeScript beside the sources, JavaScript beside the build. */
export function workerUrl(): URL {
  return import.meta.url.endsWith(".ts")
    ? new URL("../../workers/job_worker.ts", import.meta.url)
    : new URL("../../workers/job_worker.js", import.meta.url);
}
