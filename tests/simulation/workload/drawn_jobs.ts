import { JobSource, type SourceOptions } from "../../../src/simulation/workload/job_source.ts";
import type { LabJob } from "../../../src/simulation/workload/lab_job.ts";
import { WORKLOADS } from "../../../src/simulation/workload/shipped.ts";
import type { KindSpec, WorkloadSpec } from "../../../src/simulation/workload/spec.ts";

/** A shipped workload by name. */
export function shipped(name: string): WorkloadSpec {
  return WORKLOADS.find((workload) => workload.name === name)!;
}

/** A workload of kinds that are given in part. */
export function workloadOf(
  kinds: readonly Partial<KindSpec>[],
  rest: Partial<WorkloadSpec> = {},
): WorkloadSpec {
  return {
    name: "drawn",
    about: "",
    kinds: kinds.map((kind, i) => ({
      name: `kind${i}`,
      share: 1,
      size: { type: "fixed", value: 1 },
      perSizeMs: 1,
      ...kind,
    })),
    ...rest,
  };
}

const USUAL = { word: "right", load: 0.7, cores: 2, durationMs: 2_000, seed: 7 } as const;

/** All jobs of a source. */
export function drawJobs(
  options: Partial<SourceOptions> & Pick<SourceOptions, "workload">,
): LabJob[] {
  const source = new JobSource({ ...USUAL, ...options });
  const jobs: LabJob[] = [];
  for (let job = source.next(); job !== undefined; job = source.next()) jobs.push(job);
  return jobs;
}
