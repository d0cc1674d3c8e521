import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../api/kube-object.ts';
import { FIELD_MANAGER } from '../../api/names.ts';
import { findAdditions, findDifferences } from './differences.ts';

const owner = { apiVersion: 'v1', kind: 'TradingPipeline', name: 'tp', uid: 'u1', controller: true };
const group = (name: string, more: object = {}) => ({ name, rules: [{ alert: 'A', expr: 'up' }], ...more });
const rule = (groups: object[], metadata: object = {}): KubeObject => ({
  ...{ apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule', spec: { groups } },
  metadata: { name: 'tp', labels: { ours: '1' }, ownerReferences: [owner], ...metadata },
});
const owned = (manager: string, fieldsV1: object, time = '2026-01-01T00:00:00Z', operation = 'Update') => ({
  ...{ manager, operation, time, fieldsV1 },
});
const wanted = rule([group('a'), group('b')]);
const texts = (live: KubeObject, from = wanted) =>
  findDifferences(from, live).map(({ path, kind, manager }) => `${path} ${kind} by ${manager}`);

describe('findDifferences', () => {
  it('finds none in the same object, whatever others write into labels, annotations and the status', () => {
    const metadata = { labels: { ours: '1', theirs: '2' }, annotations: { theirs: '3' }, uid: 'x' };
    expect(texts({ ...rule([group('a'), group('b')], metadata), status: { bindings: [] } })).toEqual([]);
  });

  it('names added, changed and removed fields, and the manager that owns each', () => {
    const managedFields = [
      owned(FIELD_MANAGER, { 'f:spec': { 'f:groups': { 'k:{"name":"a"}': { 'f:rules': {} } } } }, '', 'Apply'),
      owned('kubectl-patch', { 'f:spec': { 'f:groups': { 'k:{"name":"extra"}': { '.': {}, 'f:rules': {} } } } }),
      owned('argocd', { 'f:spec': { 'f:groups': { 'k:{"name":"a"}': { 'f:limit': {}, 'f:rules': {} } } } }),
    ];
    const live = rule([group('extra'), group('a', { limit: 5, rules: [] })], { labels: {}, managedFields });
    expect(texts(live)).toEqual([
      'metadata.labels.ours removed by undefined',
      'spec.groups[extra] added by kubectl-patch',
      'spec.groups[a].rules changed by argocd',
      'spec.groups[a].limit added by argocd',
      'spec.groups[b] removed by undefined',
    ]);
    expect(findAdditions(wanted, live).map(({ path }) => path)).toEqual(['spec.groups[extra]', 'spec.groups[a].limit']);
  });

  it('names the manager that wrote last, and none for a default of the API server', () => {
    const fields = { 'f:spec': { 'f:sampleLimit': {} } };
    const managedFields = [
      owned('older', fields, '2026-01-01T00:00:00Z'),
      owned('newer', fields, '2026-01-02T00:00:00Z'),
    ];
    const live = { ...wanted, spec: { ...(wanted.spec as object), sampleLimit: 1, limit: 2 } };
    const { metadata } = live;
    expect(texts({ ...live, metadata: { ...metadata, managedFields } })).toEqual([
      'spec.sampleLimit added by newer',
      'spec.limit added by undefined',
    ]);
  });

  it('names owners, keys of a ConfigMap whatever their name, and parts that others add', () => {
    const configMap = (data: object, more: object = {}): KubeObject =>
      ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: wanted.metadata, data, ...more }) as KubeObject;
    const other = { ...owner, kind: 'ConfigMap', uid: 'u2' };
    const data = JSON.parse('{"a.json":"1","__proto__":"2","constructor":"3"}');
    const live = configMap(data, { immutable: true, binaryData: { b: 'AAAA' } });
    live.metadata = { ...live.metadata, ownerReferences: [other, { ...owner, controller: false }] };
    expect(texts(live, configMap({ 'a.json': '1' }))).toEqual([
      'metadata.ownerReferences[u2] added by undefined',
      'metadata.ownerReferences[u1].controller changed by undefined',
      'data.__proto__ added by undefined',
      'data.constructor added by undefined',
      'immutable added by undefined',
      'binaryData added by undefined',
    ]);
  });

  it('compares only the metadata of an object whose content is left to users', () => {
    const { spec: _spec, ...rest } = wanted;
    expect(texts(rule([group('theirs')]), rest)).toEqual([]);
  });
});
