import { describe, expect, it } from 'vitest';
import { discoverTargets, type EndpointSlice } from './discover-targets.ts';
import { resolveDiscovery } from './resolve-discovery.ts';

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'backend', namespace: 'ns', labels: { 'app.kubernetes.io/name': 'backend' } },
};
const slice: EndpointSlice = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'backend-x', namespace: 'ns', labels: { 'kubernetes.io/service-name': 'backend' } },
  addressType: 'IPv4',
  endpoints: [
    { addresses: ['192.0.2.1'], conditions: { ready: true } },
    { addresses: ['192.0.2.2'], conditions: { ready: false } },
  ],
  ports: [
    { name: 'metrics', port: 8001, protocol: 'TCP' },
    { name: 'api', port: 8000, protocol: 'TCP' },
  ],
};
const cluster = { services: [service], endpointSlices: [slice] };

describe('discoverTargets', () => {
  it('finds each port of each endpoint', () => {
    const targets = discoverTargets(cluster).flatMap((group) => group.targets);
    expect(targets).toEqual(['192.0.2.1:8001', '192.0.2.1:8000', '192.0.2.2:8001', '192.0.2.2:8000']);
  });

  it("returns the labels that the operator's relabelings use", () => {
    expect(discoverTargets(cluster)[0]?.labels).toEqual({
      __meta_kubernetes_namespace: 'ns',
      __meta_kubernetes_endpointslice_name: 'backend-x',
      __meta_kubernetes_endpointslice_address_type: 'IPv4',
      __meta_kubernetes_endpointslice_label_kubernetes_io_service_name: 'backend',
      __meta_kubernetes_endpointslice_labelpresent_kubernetes_io_service_name: 'true',
      __meta_kubernetes_endpointslice_endpoint_conditions_ready: 'true',
      __meta_kubernetes_endpointslice_port: '8001',
      __meta_kubernetes_endpointslice_port_name: 'metrics',
      __meta_kubernetes_endpointslice_port_protocol: 'TCP',
      __meta_kubernetes_service_name: 'backend',
      __meta_kubernetes_service_label_app_kubernetes_io_name: 'backend',
      __meta_kubernetes_service_labelpresent_app_kubernetes_io_name: 'true',
    });
  });

  it('looks only in the given namespaces', () => {
    expect(discoverTargets(cluster, ['other'])).toEqual([]);
    expect(discoverTargets(cluster, ['ns'])).toHaveLength(4);
  });

  it('ignores a Service of the same name in another namespace', () => {
    const elsewhere = { ...service, metadata: { ...service.metadata, namespace: 'other' } };
    const [group] = discoverTargets({ ...cluster, services: [elsewhere] });
    expect(group?.labels).not.toHaveProperty('__meta_kubernetes_service_name');
  });
});

it('resolveDiscovery refuses a role that it cannot look up', () => {
  const config = 'scrape_configs: [{job_name: pods, kubernetes_sd_configs: [{role: pod}]}]';
  expect(() => resolveDiscovery(config, cluster)).toThrow('the role pod');
});
