/** Where a page of a list ended: the time and id of its last item. `time` carries microseconds, which a Date would lose. */
export interface Position {
  time: string;
  id: string;
}

/** The position as one opaque word for a URL. */
export function buildCursor({ time, id }: Position): string {
  return Buffer.from(JSON.stringify([time, id])).toString('base64url');
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** Reads what buildCursor made; undefined for anything else. */
export function parseCursor(cursor: string): Position | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== 2) return undefined;
    const [time, id] = parts;
    if (typeof time !== 'string' || !TIME.test(time) || Number.isNaN(Date.parse(time))) return undefined;
    if (typeof id !== 'string' || id === '' || id.length > 128 || id.includes('\0')) return undefined;
    return { time, id };
  } catch {
    return undefined;
  }
}
