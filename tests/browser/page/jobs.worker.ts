import { serveJobs } from "../../../workers/serve.ts";
import jobs from "./jobs.ts";

serveJobs(jobs);
