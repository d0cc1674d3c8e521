import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { Missing } from './requirements.ts';
import { runStep } from './run-step.ts';

/** The archives that `make images` has written. */
export function listArchives(folder: string): string[] {
  const files = globSync('*.tar', { cwd: folder }).sort();
  if (files.length === 0) throw new Missing(`there is no image in ${folder}: make images`);
  return files.map((file) => join(folder, file));
}

/**
 * Gives image archives to a cluster.
 * @param command of a shell; the archives' names are put behind it
 */
export async function loadImages(command: string, archives: readonly string[]): Promise<void> {
  const absent = archives.filter((file) => !existsSync(file));
  if (absent.length > 0) throw new Missing(`there is no ${absent.join(', ')}`);
  await runStep('sh', ['-c', `${command} "$@"`, 'sh', ...archives]);
}
