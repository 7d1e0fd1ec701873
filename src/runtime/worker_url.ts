/**
 * The built-in worker entry. Bundlers follow the literal, so it must name a file that is there: beside
 * the sources this one, beside the build the script that `.ci/script_urls.mjs` puts in its place.
 */
export function workerUrl(): URL {
  return new URL("../../workers/job_worker.ts", import.meta.url);
}
