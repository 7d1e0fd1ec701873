import { type AnyKind, defineJobs, type Jobs } from "../../src/define/jobs.ts";
import { faultyKinds } from "./faulty_kinds.ts";
import { normalKinds } from "./normal_kinds.ts";

/** The jobs of the campaign, by name: the names are drawn, so their types are not known. */
const jobs: Jobs<Readonly<Record<string, AnyKind>>> = defineJobs(import.meta.url, {
  ...normalKinds,
  ...faultyKinds,
});

export default jobs;
