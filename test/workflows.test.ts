import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const workflows = globSync('.github/workflows/*.yaml', { cwd: root }).sort();
/** An action pinned to a commit, because a tag can be moved. The comment names the tag for people and for bots that update the pin. */
const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

const listUses = (workflow: string) => [...read(workflow).matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, use]) => use!);

describe.each(workflows)('%s', (workflow) => {
  it('pins every action to a commit, and names its tag', () => {
    const uses = listUses(workflow);
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((use) => !PINNED.test(use))).toEqual([]);
  });

  it('runs only make targets that exist', () => {
    const targets = new Set([...read('Makefile').matchAll(/^([a-z-]+):/gm)].map(([, target]) => target));
    const run = [...read(workflow).matchAll(/\bmake ([a-z][a-z-]+)/g)].map(([, target]) => target);
    expect(run.filter((target) => !targets.has(target))).toEqual([]);
  });
});

it('all workflows use the same version of an action', () => {
  const pins = new Set(workflows.flatMap(listUses));
  const actions = [...pins].map((pin) => pin.split('@')[0]);
  expect(actions).toHaveLength(new Set(actions).size);
});
