import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { parseTradingPipelineSpec } from '#controller/api/trading-pipeline.ts';
import { compile } from '#controller/compile/compile.ts';
import { parts } from '#local/parts/index.ts';
import { mutatedSpec, seed } from '../support/any-spec.ts';
import { provisionForTests } from '../support/provision-for-tests.ts';
import { openPromtool, type Promtool } from './promtool.ts';
import { checkStructure, type Schema } from './structural-check.ts';

const owner = { namespace: 'desk', name: 'tp', uid: 'uid-1' };

/** The objects of all mutated specs that the schema accepts, without duplicates. */
function compileMutations(): KubeObject[] {
  const objects = fc.sample(mutatedSpec, { numRuns: 500, seed }).flatMap(({ spec }) => {
    const parsed = parseTradingPipelineSpec(spec);
    return 'problems' in parsed ? [] : compile({ owner, spec: parsed.spec }).objects;
  });
  return [...new Map(objects.map((object) => [JSON.stringify(object), object])).values()];
}

/** The schema in the CRD of a kind. */
function schemaOf(folder: string, plural: string): Schema {
  const crd = parse(readFileSync(path.join(folder, `monitoring.coreos.com_${plural}.yaml`), 'utf8'));
  return crd.spec.versions.find(({ name }: { name: string }) => name === 'v1').schema.openAPIV3Schema;
}

describe(`the objects of 500 mutated specs (seed ${seed})`, () => {
  const objects = compileMutations();
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
  let promtool: Promtool;
  beforeAll(async () => {
    promtool = await openPromtool('any-spec');
  });
  afterAll(() => promtool.remove());

  it('are rules that Prometheus accepts', async () => {
    const files = Object.fromEntries(
      ofKind('PrometheusRule').map(({ spec }, index) => [`${index}.yaml`, spec as object]),
    );
    const names = Object.keys(files);
    expect(names.length).toBeGreaterThan(100);
    const { ok, output } = await promtool.run(['check', 'rules', ...names], files);
    expect(ok, output).toBe(true);
    expect(output.match(/SUCCESS: \d+ rules found/g)).toHaveLength(names.length);
  });

  it.each([
    ['PrometheusRule', 'prometheusrules'],
    ['ServiceMonitor', 'servicemonitors'],
  ])('match the schema of the CRD of %s', async (kind, plural) => {
    const { files } = await provisionForTests(parts.monitoringCrds);
    const schema = schemaOf(files.crds, plural);
    expect(ofKind(kind).length).toBeGreaterThan(20);
    for (const { metadata: _metadata, ...object } of ofKind(kind)) expect(checkStructure(object, schema)).toEqual([]);
    const [{ metadata: _metadata, ...first } = { metadata: {} }] = ofKind(kind);
    expect(checkStructure({ ...first, spec: 1 }, schema)).toEqual(['.spec: expected object']);
  });

  it('are ConfigMaps within the limits of the API server', () => {
    for (const { data = {}, metadata } of ofKind('ConfigMap')) {
      for (const [key, text] of Object.entries(data)) {
        expect(key).toMatch(/^[-._a-zA-Z0-9]{1,253}$/);
        expect(() => JSON.parse(text)).not.toThrow();
      }
      expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(1_000_000);
      expect(Object.values(metadata.labels ?? {}).join('')).toMatch(/^[-._a-zA-Z0-9]*$/);
    }
  });
});
