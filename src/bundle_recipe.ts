/** What to do in a bundle, where neither the built-in entry of workers nor the job file is a file of its own. */
export const BUNDLE_RECIPE: string =
  'In a bundle, give workers an entry of their own that calls "serveJobs(jobs)": createRouter({ jobs, ' +
  // In two parts, or a bundler that reads texts would look for the file.
  `worker: () => new Worker(new URL(${
    ['"./jobs.worker.js"', "import.meta.url"].join(", ")
  })) }); ` +
  'pages and Deno need { type: "module" } after the URL';
