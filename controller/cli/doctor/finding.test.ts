import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Case, caseAnchor, cases, TROUBLESHOOTING_PAGE } from './finding.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const page = readFileSync(path.join(root, TROUBLESHOOTING_PAGE), 'utf8');
const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);

describe('docs/troubleshooting.md', () => {
  it("has one heading for each of the doctor's cases and no others", () => {
    expect([...headings].sort()).toEqual(Object.values(cases).sort());
  });

  it('names symptom, place to look and remedy for each case', () => {
    for (const section of page.split('\n## ').slice(1))
      for (const part of ['**Symptom.**', '**Look.**', '**Remedy.**']) expect(section).toContain(part);
  });

  it('has anchors in the form that the doctor prints', () => {
    expect(caseAnchor('noData')).toBe('docs/troubleshooting.md#no-data-in-grafana');
    expect(caseAnchor('serviceUnresolved')).toBe('docs/troubleshooting.md#service-port-or-endpoint-not-found');
  });

  it('has only cases that some check reports', () => {
    const folder = path.join(import.meta.dirname);
    const checks = [
      'check-resource',
      'check-services',
      'check-objects',
      'check-targets',
      'check-rules',
      'check-memory',
    ];
    const files = [...checks, 'diagnose', 'read-cluster-facts', '../commands/doctor'];
    const code = files.map((file) => readFileSync(path.join(folder, `${file}.ts`), 'utf8')).join('\n');
    const silent = (Object.keys(cases) as Case[]).filter(
      (name) => !new RegExp(`(wrong|unknown)\\(\\s*'${name}'`).test(code),
    );
    expect(silent).toEqual([]);
  });
});
