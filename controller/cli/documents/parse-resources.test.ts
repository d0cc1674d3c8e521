import { describe, expect, it } from 'vitest';
import { parseDocuments } from './parse-documents.ts';
import { parseResources } from './parse-resources.ts';
import { formatProblem } from './source-document.ts';

const head = 'apiVersion: trading-platform.dev/v1alpha1\nkind: TradingPipeline\nmetadata: {name: tp}\n';

function parse(text: string) {
  const { documents, problems } = parseDocuments('a.yaml', text);
  const found = parseResources(documents, 'desk');
  return { ...found, problems: [...problems, ...found.problems].map(formatProblem) };
}

describe('parseResources', () => {
  it('reads several documents, fills in defaults and the namespace, and skips other kinds', () => {
    const { resources, problems, skipped } = parse(
      `${head}spec: {services: [{name: backend}]}\n---\nkind: ConfigMap\nmetadata: {name: x}\n---\n# nothing\n`,
    );
    expect({ problems, skipped }).toEqual({ problems: [], skipped: ['ConfigMap x'] });
    expect(resources[0]?.spec.services?.[0]).toEqual({ name: 'backend', port: 'metrics', path: '/metrics' });
    expect(resources[0]?.pipeline.metadata).toEqual({ name: 'tp', namespace: 'desk' });
  });

  it('reads JSON, and the items of a List', () => {
    const item = { apiVersion: 'trading-platform.dev/v1alpha1', kind: 'TradingPipeline', metadata: { name: 'tp' } };
    const list = JSON.stringify({
      kind: 'List',
      items: [
        { ...item, spec: {} },
        { ...item, spec: { services: 3 } },
      ],
    });
    const { resources, problems } = parse(list);
    expect(resources).toHaveLength(1);
    expect(problems).toEqual([expect.stringMatching(/^a\.yaml:1:\d+: document 1 \(desk\/tp\): spec\.services: /)]);
  });

  it('names file, line, document and field of a problem', () => {
    expect(
      parse(`${head}spec: {}\n---\n${head.replace('tp', 'two')}spec:\n  services:\n    - name: other\n`).problems,
    ).toEqual([
      expect.stringMatching(
        /^a\.yaml:11:7: document 2 \(desk\/two\): spec\.services\[0\]\.selector: a selector is required/,
      ),
    ]);
  });

  it('names a field that does not exist, and the nearest field that does', () => {
    expect(parse(`${head}spec: {servces: []}\n`).problems).toEqual([
      'a.yaml:4:17: document 1 (desk/tp): spec.servces: is not a field of a TradingPipeline; do you mean services?',
    ]);
  });

  it('names the fields outside spec that the API server would refuse', () => {
    const wrong = parse(
      'apiVersion: v1\nkind: TradingPipeline\nmetadata: {name: Up, namespace: a.b}\nsepc: {}\n',
    ).problems;
    expect(wrong.map((line) => line.replace(/^.*?\): /, '').replace(/[: ].*$/, ''))).toEqual([
      'apiVersion',
      'metadata.name',
      'metadata.namespace',
      'spec',
      'sepc',
    ]);
  });

  it('names a resource that appears twice', () => {
    const { resources, problems } = parse(`${head}spec: {}\n---\n${head}spec: {}\n`);
    expect(resources).toHaveLength(1);
    expect(problems).toEqual([
      expect.stringMatching(/^a\.yaml:8:18: document 2 .* also appears in an earlier document/),
    ]);
  });

  it('reports a document that is not YAML, and continues with the next', () => {
    const { resources, problems } = parse(`a: [\n---\n${head}spec: {}\n`);
    expect(problems[0]).toMatch(/^a\.yaml:\d+:\d+: document 1: is not YAML: /);
    expect(resources).toHaveLength(1);
  });

  it('reads scalars as kubectl does: yes and off are booleans, times are strings', () => {
    const { documents } = parseDocuments('a', '{a: yes, b: off, c: 2026-01-01, d: 1:30, e: 0x10, f: "yes"}');
    expect(documents[0]?.value).toEqual({ a: true, b: false, c: '2026-01-01', d: '1:30', e: 16, f: 'yes' });
  });

  it('refuses aliases that expand without end', () => {
    const bomb = Array.from({ length: 12 }, (_, level) =>
      level === 0
        ? 'a0: &a0 [x, x]'
        : `a${level}: &a${level} [${Array(9)
            .fill(`*a${level - 1}`)
            .join(', ')}]`,
    ).join('\n');
    expect(parse(bomb).problems).toEqual([expect.stringContaining('alias')]);
  });

  it('reports wrong PromQL even if other fields of the resource are invalid', () => {
    const custom = '[{alert: A, expr: "sum("}, {alert: B, expr: pipeline_executons_total}, {alert: C, expr: mine}]';
    const { problems } = parse(`${head}spec: {services: 1, externalMetrics: [mine], alerts: {custom: ${custom}}}\n`);
    expect(problems.map((line) => line.replace(/^.*?\): spec\./, ''))).toEqual([
      'services: must be a list',
      expect.stringMatching(/^alerts\.custom\[0\]\.expr: does not parse/),
      expect.stringMatching(/^alerts\.custom\[1\]\.expr: .*pipeline_executions_total/),
    ]);
  });
});
