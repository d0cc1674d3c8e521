const unitSeconds: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1, ms: 0.001 };

/** Converts a Prometheus duration such as 1h30m to seconds. Returns 0 if the string contains no number with a unit. */
export function parseDurationSeconds(duration: string): number {
  let seconds = 0;
  for (const [, digits, unit] of duration.matchAll(/(\d+)(ms|[wdhms])/g))
    seconds += Number(digits) * (unitSeconds[unit ?? ''] ?? 0);
  return seconds;
}

/**
 * Formats seconds as a Prometheus duration in the largest unit that divides their number: 300 becomes 5m, 90 becomes
 * 90s. Rounds fractions up to whole seconds.
 */
export function formatDuration(seconds: number): string {
  const unit = ['w', 'd', 'h', 'm'].find((one) => seconds > 0 && seconds % (unitSeconds[one] ?? 1) === 0) ?? 's';
  return `${Math.ceil(seconds / (unitSeconds[unit] ?? 1))}${unit}`;
}

/**
 * Formats seconds as a Prometheus duration in days, hours, minutes and seconds: 3599 becomes 59m59s. Drops fractions of
 * a second.
 */
export function formatCompoundDuration(seconds: number): string {
  let left = seconds;
  return ['d', 'h', 'm', 's'].reduce((text, unit) => {
    const size = unitSeconds[unit] ?? 1;
    const whole = Math.floor(left / size);
    left -= whole * size;
    return whole > 0 ? `${text}${whole}${unit}` : text;
  }, '');
}
