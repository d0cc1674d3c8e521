/**
 * The confidence of a signal that has just happened: 50 when it barely did, 100 from full strength on, linear between,
 * to a tenth.
 * @param strength how clearly it happened; 1 is full strength
 */
export function confidenceOf(strength: number): number {
  return Math.round(10 * (50 + 50 * Math.min(1, Math.max(0, strength)))) / 10;
}

/** A price or an indicator in a sentence: five significant digits. */
export function inWords(value: number): string {
  const text = Number(value.toPrecision(5));
  return Math.abs(text) >= 1 || text === 0 ? String(text) : value.toPrecision(4);
}
