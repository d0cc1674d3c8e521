import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { addresses, type StackContext } from '../stack-context.ts';
import { repository } from '../state.ts';
import type { StackEntry } from './stack-entry.ts';

const folder = join(repository, 'examples', 'pipelines');

/** Creates the pipelines of examples/pipelines that the platform does not have yet. */
export function examplePipelinesEntry({ settings }: StackContext): StackEntry {
  return {
    name: 'example-pipelines',
    needs: ['backend'],
    work: async () => {
      const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
      const created = await Promise.all(
        files.map((file) => createPipeline(addresses(settings).api, join(folder, file))),
      );
      return `${created.filter(Boolean).length} created, ${created.filter((one) => !one).length} existed already`;
    },
  };
}

/** Creates the pipeline that the file describes. Returns false if a pipeline with the same id exists. */
async function createPipeline(api: string, file: string): Promise<boolean> {
  const response = await fetch(`${api}/api/v1/pipelines`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(parse(readFileSync(file, 'utf8'))),
  });
  const answer = await response.text();
  if (response.status === 409) return false;
  if (!response.ok) throw new Error(`the backend refused ${file} with status ${response.status}: ${answer}`);
  return true;
}
