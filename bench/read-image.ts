/** How the image of a process starts Node, read from the Dockerfile: a benchmark starts it the same way. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Image {
  /** Of Node, between its path and that of the bundle. */
  readonly options: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** @param stage that of the process; it is built on the stage `runtime`, which has the ENTRYPOINT */
export function readImage(stage: string): Image {
  const stages = readFileSync(join(import.meta.dirname, '..', 'Dockerfile'), 'utf8').split(/^FROM .* AS /m);
  const find = (name: string) => {
    const found = stages.find((text) => text.startsWith(`${name}\n`));
    if (!found) throw new Error(`the Dockerfile has no stage ${name}`);
    return found;
  };
  const runtime = find('runtime');
  const [, entrypoint = '[]'] = /^ENTRYPOINT (\[.*\])$/m.exec(runtime) ?? [];
  const variables = `${runtime}${find(stage)}`.matchAll(/^ENV (\w+)=(\S+)$/gm);
  return {
    options: JSON.parse(entrypoint).slice(1, -1),
    environment: Object.fromEntries(Array.from(variables, ([, name, value]) => [name, value])),
  };
}
