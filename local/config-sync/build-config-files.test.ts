import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildConfigFiles } from './build-config-files.ts';

const config = `global:
  external_labels:
    prometheus_replica: $(POD_NAME)
    other: $(UNKNOWN)
rule_files:
- /etc/prometheus/rules/prometheus-main-rulefiles-0/*.yaml
scrape_configs:
- job_name: serviceMonitor/ns/backend/0
  kubernetes_sd_configs:
  - role: endpointslice
    namespaces:
      names:
      - ns
  relabel_configs:
  - source_labels:
    - __tmp_hash
    regex: $(SHARD)
    action: keep
`;
const metadata = (name: string) => ({ name, namespace: 'monitoring' });
const source = {
  secret: {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadata('prometheus-main'),
    data: { 'prometheus.yaml.gz': gzipSync(config).toString('base64') },
  },
  ruleMaps: [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadata('prometheus-main-rulefiles-0'),
      data: { 'ns-rules.yaml': 'groups: []\n' },
    },
  ],
};
const target = { folder: '/state/prometheus', variables: { SHARD: '0', POD_NAME: 'prometheus-main-0' } };

describe('buildConfigFiles', () => {
  it('writes the rules to the folder that the configuration names', () => {
    const files = buildConfigFiles(source, target);
    expect([...files.keys()]).toEqual(['rules/prometheus-main-rulefiles-0/ns-rules.yaml', 'prometheus.yaml']);
    expect(parse(files.get('prometheus.yaml')!).rule_files).toEqual([
      '/state/prometheus/rules/prometheus-main-rulefiles-0/*.yaml',
    ]);
  });

  it('fills in the variables of a pod, and leaves the rest unchanged', () => {
    const written = parse(buildConfigFiles(source, target).get('prometheus.yaml')!);
    expect(written.global.external_labels).toEqual({ prometheus_replica: 'prometheus-main-0', other: '$(UNKNOWN)' });
    expect(written.scrape_configs[0].relabel_configs[0].regex).toBe(0);
    expect(written.scrape_configs[0].kubernetes_sd_configs).toHaveLength(1);
  });

  it('names the Secret that lacks the configuration', () => {
    const empty = { ...source, secret: { ...source.secret, data: {} } };
    expect(() => buildConfigFiles(empty, target)).toThrow('the Secret prometheus-main has no prometheus.yaml.gz');
  });

  it('replaces discovery by targets if it is given the cluster, and keeps the relabelings', () => {
    const cluster = { services: [], endpointSlices: [] };
    const written = parse(buildConfigFiles(source, { ...target, cluster }).get('prometheus.yaml')!);
    const { relabel_configs } = parse(config).scrape_configs[0];
    expect(written.scrape_configs[0]).toMatchObject({ job_name: 'serviceMonitor/ns/backend/0', static_configs: [] });
    expect(written.scrape_configs[0]).not.toHaveProperty('kubernetes_sd_configs');
    expect(written.scrape_configs[0].relabel_configs).toHaveLength(relabel_configs.length);
  });
});
