/** The number of an option. @throws Error where it is not a whole one above 0 */
export function readCount(option: string, given: string): number {
  const count = Number(given);
  if (!Number.isInteger(count) || count < 1) throw new Error(`--${option}=${given}: give a number above 0`);
  return count;
}
