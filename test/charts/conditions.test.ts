import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { chartFolder } from '../../tools/chart/stage-chart.ts';
import { heldElsewhere, switches } from './conditions.ts';
import { NAMESPACE, RELEASE, runHelm, valueArgs } from './helm.ts';
import { useStagedChart } from './staged-chart.ts';

const chart = useStagedChart();
const templates = join(chartFolder, 'templates');

/** `file: condition` of every `if`, `else if` and `with`. */
function listConditions(): string[] {
  return globSync('*.{yaml,tpl,txt}', { cwd: templates }).flatMap((file) => {
    const text = readFileSync(join(templates, file), 'utf8');
    return [...text.matchAll(/\{\{-?\s*(?:else )?(?:if|with)\s+(.*?)\s*-?\}\}/g)].map(
      ([, words]) => `${file}: ${words}`,
    );
  });
}

const NOTES = 'NOTES.txt';

/** What Helm renders: all of it, or of one template. */
async function render(set: object, template?: string): Promise<string> {
  const values = [chart(), '--namespace', NAMESPACE, ...valueArgs(chart(), { set })];
  // what is printed is rendered for a release only, and that needs an API server
  if (template === NOTES)
    return runHelm(['install', RELEASE, ...values, '--dry-run=client'], inject('apiServer').kubeconfigs.admin);
  const text = await runHelm(['template', RELEASE, ...values]);
  const documents = template ? text.split(/^---$/m).filter((one) => one.includes(`/templates/${template}\n`)) : [text];
  return documents.join('');
}

it('every condition of the templates has a line in conditions.ts, and there is no other', () => {
  const known = [...Object.keys(switches), ...Object.keys(heldElsewhere)];
  expect(known.sort()).toEqual([...new Set(listConditions())].sort());
});

it.each(Object.entries(heldElsewhere))('%s is held by a test that there is', (_, title) => {
  const tests = globSync('*.test.ts', { cwd: import.meta.dirname });
  const sources = tests.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8')).join('');
  expect(sources).toContain(`'${title}`);
});

describe('of the templates', () => {
  const plain = new Map<string | undefined, string>();

  it.each(Object.entries(switches))('%s', async (condition, { given, set, shows, hides, in: where }) => {
    const [file] = condition.split(': ');
    const template = where ?? (file!.endsWith('.tpl') ? undefined : file);
    const before = given ? await render(given, template) : (plain.get(template) ?? (await render({}, template)));
    if (!given) plain.set(template, before);
    const after = await render(set, template);
    const [has, lacks, text] = shows === undefined ? [before, after, hides] : [after, before, shows];
    expect(has).toContain(text);
    expect(lacks).not.toContain(text);
  });
});
