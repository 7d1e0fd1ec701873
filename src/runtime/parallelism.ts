/** Where the figures come from; each returns `undefined` where it is unknown. */
export interface ParallelismSource {
  /** Number of cores this process may run on, by affinity. */
  readonly cores: () => number | undefined;
  /** Text of a file, if it can be read without a permission prompt. */
  readonly readFile: (path: string) => string | undefined;
}

/**
 * How many threads are worth having: the cores this process may run on, limited by the CPU quota of
 * its container (cgroup v2 or v1), rounded up; at least 1.
 */
export function availableParallelism(source: ParallelismSource): number {
  const cores = source.cores() ?? 1;
  const quota = quotaV2(source.readFile("/sys/fs/cgroup/cpu.max")) ?? quotaV1(
    source.readFile("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
    source.readFile("/sys/fs/cgroup/cpu/cpu.cfs_period_us"),
  );
  return Math.max(1, Math.floor(Math.min(cores, Math.ceil(quota ?? cores))));
}

/** The same for a page: one core is for what it shows, and more than 8 workers would cost it much memory. */
export function pageParallelism(cores = 1): number {
  return Math.max(1, Math.min(8, cores - 1));
}

/** Cores from `cpu.max`: quota and period, or `max` for no limit. */
function quotaV2(text: string | undefined): number | undefined {
  const match = /^(\d+) (\d+)/.exec(text ?? "");
  return match === null ? undefined : ratio(Number(match[1]), Number(match[2]));
}

/** Cores from the two files of cgroup v1; a quota of -1 is no limit. */
function quotaV1(quota: string | undefined, period: string | undefined): number | undefined {
  return ratio(Number(quota), Number(period));
}

function ratio(quotaUs: number, periodUs: number): number | undefined {
  return quotaUs > 0 && periodUs > 0 ? quotaUs / periodUs : undefined;
}
