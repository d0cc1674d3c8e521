import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repository } from '#local/stack/state.ts';
import { deployables } from './deployables.ts';

it('the Dockerfile has a target a deployable, with its description', () => {
  const stages = readFileSync(join(repository, 'Dockerfile'), 'utf8')
    .split(/^FROM /m)
    .slice(2);
  const found = stages.map((stage) => ({
    name: /^\S+ AS (\S+)/.exec(stage)?.[1],
    description: /image\.description="([^"]+)"/.exec(stage)?.[1],
  }));
  expect(found).toEqual(deployables);
});
