/** Reads from the Dockerfile how the image of a process starts Node, so that a benchmark starts it the same way. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Image {
  /** Arguments of Node before the path of the bundle. */
  readonly options: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** @param stage stage of the process in the Dockerfile; it builds on the stage `runtime`, which has the ENTRYPOINT */
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
