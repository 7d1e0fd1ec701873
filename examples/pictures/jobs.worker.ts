import { serveJobs } from "helixrouter/worker";
import jobs from "./jobs.ts";

serveJobs(jobs);
