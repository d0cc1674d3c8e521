import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder for one server of a test. Others may pass through it: Postgres runs as another user when we are root. */
export function makeTestFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `trading-platform-${name}-`));
  chmodSync(folder, 0o711);
  return folder;
}

export function removeTestFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
