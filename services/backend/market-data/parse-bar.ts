import { type Bar, barSchema } from '#trading/market/bar.ts';
import { compileFieldErrors } from '../api/requests/field-errors.ts';

/** Reads a message of the topic `market-data`, or says why it is no bar. */
export function parseBar(value: Uint8Array): Bar | { reason: string } {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(value).toString());
  } catch {
    return { reason: 'not JSON' };
  }
  const result = barSchema.safeParse(json);
  if (!result.success) {
    return {
      reason: compileFieldErrors(result.error.issues)
        .map(({ path, message }) => `${path}: ${message}`)
        .join('; '),
    };
  }
  if (Number.isNaN(Date.parse(result.data.open_time))) return { reason: 'open_time: is no time' };
  return result.data;
}
