import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Gives a folder and all that is in it one time: an image keeps the times of the files that are copied into it.
 * @param epoch seconds since 1970
 */
export function stampFiles(folder: string, epoch: number): void {
  for (const path of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })])
    utimesSync(join(folder, path), epoch, epoch);
}
