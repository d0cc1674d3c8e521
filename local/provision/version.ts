/** Versions as programs print them: `3.6.16`, `v1.36.3`, `1:7.0.15-1~deb12u10`. Pure. */
export function parseVersion(text: string): string | undefined {
  return /(?:^|[^\d.])v?(\d+(?:\.\d+)+|\d+(?=[^\d.]|$))/.exec(text.replace(/^\d+:/, ''))?.[1];
}

/** Below 0 when `a` is older than `b`; a missing number counts as 0. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
