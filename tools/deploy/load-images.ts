import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { Missing } from './requirements.ts';
import { runStep } from './run-step.ts';

/** Lists the archives that `make images` has written, sorted by name. @throws `Missing` if there are none */
export function listArchives(folder: string): string[] {
  const files = globSync('*.tar', { cwd: folder }).sort();
  if (files.length === 0) throw new Missing(`${folder} has no image archive: run make images`);
  return files.map((file) => join(folder, file));
}

/**
 * Loads image archives into a cluster.
 * @param command shell command; the names of the archives are appended
 * @throws `Missing` if an archive does not exist
 */
export async function loadImages(command: string, archives: readonly string[]): Promise<void> {
  const absent = archives.filter((file) => !existsSync(file));
  if (absent.length > 0) throw new Missing(`image archives do not exist: ${absent.join(', ')}`);
  await runStep('sh', ['-c', `${command} "$@"`, 'sh', ...archives]);
}
