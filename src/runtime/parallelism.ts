/** Where the figures come from; each gives `undefined` where it cannot tell. */
export interface ParallelismSource {
  /** Cores this process may run on, by affinity. */
  readonly cores: () => number | undefined;
  /** Text of a file, if it may be read without asking anyone. */
  readonly readFile: (path: string) => string | undefined;
}

/**
 * How many threads are worth having: the cores this process may run on, cut to the quota of its
 * container (cgroup version 2, or 1), rounded up, at least 1.
 */
export function availableParallelism(source: ParallelismSource): number {
  const cores = source.cores() ?? 1;
  const quota = quotaV2(source.readFile("/sys/fs/cgroup/cpu.max")) ?? quotaV1(
    source.readFile("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
    source.readFile("/sys/fs/cgroup/cpu/cpu.cfs_period_us"),
  );
  return Math.max(1, Math.floor(Math.min(cores, Math.ceil(quota ?? cores))));
}

/** Cores by `cpu.max`: quota and period, or `max` for no limit. */
function quotaV2(text: string | undefined): number | undefined {
  const match = /^(\d+) (\d+)/.exec(text ?? "");
  return match === null ? undefined : ratio(Number(match[1]), Number(match[2]));
}

/** Cores by the two files of version 1; a quota of -1 is no limit. */
function quotaV1(quota: string | undefined, period: string | undefined): number | undefined {
  return ratio(Number(quota), Number(period));
}

function ratio(quotaUs: number, periodUs: number): number | undefined {
  return quotaUs > 0 && periodUs > 0 ? quotaUs / periodUs : undefined;
}
