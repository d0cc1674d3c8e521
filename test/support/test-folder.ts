import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Creates a folder for one server of a test. Other users may enter it, because Postgres runs as another user if we are root. */
export function makeTestFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `trading-platform-${name}-`));
  chmodSync(folder, 0o711);
  return folder;
}

export function removeTestFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
