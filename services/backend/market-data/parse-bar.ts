import { type Bar, barSchema } from '#trading/market/bar.ts';

/** Parses a message of the topic `market-data`. Returns the bar, or the reason why the message is not a bar. */
export function parseBar(value: Uint8Array): Bar | { reason: string } {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(value).toString());
  } catch {
    return { reason: 'not JSON' };
  }
  const result = barSchema.safeParse(json);
  if (!result.success) {
    return { reason: result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') };
  }
  if (Number.isNaN(Date.parse(result.data.open_time))) return { reason: 'open_time: is not a time' };
  return result.data;
}
