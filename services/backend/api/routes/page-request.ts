import type { PageRequest } from '../../store/read-page.ts';
import { parseCursor } from '../page.ts';

/** The page that a validated query asks for. */
export function parsePageRequest({ limit, cursor }: { limit: number; cursor?: string | undefined }): PageRequest {
  return { limit, after: cursor === undefined ? undefined : parseCursor(cursor) };
}
