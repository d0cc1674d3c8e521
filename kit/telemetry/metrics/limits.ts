import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

/** Returns the CPU that the process may use, in cores: the quota of its cgroup (v2, then v1), or the machine's cores. */
export function readCpuLimit(): number {
  const [quota, period] = (readFirst('/sys/fs/cgroup/cpu.max') ?? '').split(' ').map(Number);
  if (quota && period) return quota / period;
  const quotaV1 = Number(readFirst('/sys/fs/cgroup/cpu/cpu.cfs_quota_us'));
  const periodV1 = Number(readFirst('/sys/fs/cgroup/cpu/cpu.cfs_period_us'));
  return quotaV1 > 0 && periodV1 > 0 ? quotaV1 / periodV1 : availableParallelism();
}

/** Returns the memory that the process may use, in bytes: the limit of its cgroup, or the machine's memory. */
export function readMemoryLimit(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}

function readFirst(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
