const unitSeconds: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1, ms: 0.001 };

/** Seconds of a Prometheus duration such as 1h30m; 0 for one that is none. */
export function parseDurationSeconds(duration: string): number {
  let seconds = 0;
  for (const [, digits, unit] of duration.matchAll(/(\d+)(ms|[wdhms])/g))
    seconds += Number(digits) * (unitSeconds[unit ?? ''] ?? 0);
  return seconds;
}

/** A Prometheus duration in its largest whole unit: 300 is 5m, 90 is 90s. */
export function formatDuration(seconds: number): string {
  const unit = ['w', 'd', 'h', 'm'].find((one) => seconds > 0 && seconds % (unitSeconds[one] ?? 1) === 0) ?? 's';
  return `${Math.ceil(seconds / (unitSeconds[unit] ?? 1))}${unit}`;
}

/** A Prometheus duration of all its units up to days, as people say it: 3599 is 59m59s. Whole seconds. */
export function formatCompoundDuration(seconds: number): string {
  let left = seconds;
  return ['d', 'h', 'm', 's'].reduce((text, unit) => {
    const size = unitSeconds[unit] ?? 1;
    const whole = Math.floor(left / size);
    left -= whole * size;
    return whole > 0 ? `${text}${whole}${unit}` : text;
  }, '');
}
