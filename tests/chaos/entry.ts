import { serveJobs } from "../../workers/serve.ts";
import jobs from "./jobs.ts";

// A worker entry that the campaign starts with a limit of memory.
serveJobs(jobs);
