import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { conditionTypes, reasons } from '#controller/api/names.ts';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const page = read('docs/conditions.md');
/** The source text of the folders whose code chooses the reasons of conditions. */
const decisions = globSync('controller/{compile,reconcile}/**/*.ts', { cwd: root })
  .filter((file) => !file.endsWith('.test.ts'))
  .map(read)
  .join('\n');

describe('docs/conditions.md', () => {
  it('has exactly one heading for each reason', () => {
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings.sort()).toEqual(Object.values(reasons).sort());
  });

  it.each(Object.values(reasons))('has a meaning and a remedy for %s', (reason) => {
    const section = page.split(`\n## ${reason}\n`)[1]?.split('\n## ')[0] ?? '';
    expect(section).toMatch(/\*\*What it means\.\*\* \S/);
    expect(section).toMatch(/\*\*What to do\.\*\* \S/);
  });

  it('lists exactly the conditions of the API', () => {
    const listed = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, type]) => type);
    expect(listed.sort()).toEqual(Object.values(conditionTypes).sort());
  });
});

describe('reasons', () => {
  it.each(Object.keys(reasons))('%s is used in controller/compile or controller/reconcile', (name) => {
    expect(decisions).toMatch(new RegExp(`\\breasons\\.${name}\\b`));
  });

  it('are never written as a literal in controller/compile or controller/reconcile', () => {
    const spelled = Object.values(reasons).filter((reason) => decisions.includes(`'${reason}'`));
    expect(spelled).toEqual([]);
  });
});
