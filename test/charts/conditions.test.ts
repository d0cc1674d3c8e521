import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { chartFolder } from '#tools/chart/stage-chart.ts';
import { heldElsewhere, switches } from './conditions.ts';
import { NAMESPACE, RELEASE, runHelm, useStagedChart, valueArgs } from './helm.ts';

const chart = useStagedChart();
const templates = join(chartFolder, 'templates');

/** Lists every `if`, `else if` and `with` of the templates as `file: condition`. */
function listConditions(): string[] {
  return globSync('*.{yaml,tpl,txt}', { cwd: templates }).flatMap((file) => {
    const text = readFileSync(join(templates, file), 'utf8');
    return [...text.matchAll(/\{\{-?\s*(?:else )?(?:if|with)\s+(.*?)\s*-?\}\}/g)].map(
      ([, words]) => `${file}: ${words}`,
    );
  });
}

const NOTES = 'NOTES.txt';

/** Renders the chart, or one template of it. */
async function render(set: object, template?: string): Promise<string> {
  const values = [chart(), '--namespace', NAMESPACE, ...valueArgs(chart(), { set })];
  // Helm renders the notes only when it installs a release, which needs an API server
  if (template === NOTES)
    return runHelm(['install', RELEASE, ...values, '--dry-run=client'], inject('apiServer').kubeconfigs.admin);
  const text = await runHelm(['template', RELEASE, ...values]);
  const documents = template ? text.split(/^---$/m).filter((one) => one.includes(`/templates/${template}\n`)) : [text];
  return documents.join('');
}

it('conditions.ts lists exactly the conditions of the templates', () => {
  const known = [...Object.keys(switches), ...Object.keys(heldElsewhere)];
  expect(known.sort()).toEqual([...new Set(listConditions())].sort());
});

it.each(Object.entries(heldElsewhere))('%s is covered by a test that exists', (_, title) => {
  const tests = globSync('*.test.ts', { cwd: import.meta.dirname });
  const sources = tests.map((file) => readFileSync(join(import.meta.dirname, file), 'utf8')).join('');
  expect(sources).toContain(`'${title}`);
});

describe('each condition shows or hides its text', () => {
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
