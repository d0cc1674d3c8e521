import { describe, expect, it } from 'vitest';
import { processNames } from '#catalogue/services.ts';
import { planPorts } from '../ports.ts';
import { buildPlatformObjects } from './platform-objects.ts';

const objects = buildPlatformObjects({
  ports: planPorts({ PORT_OFFSET: '100' }),
  prometheusVersion: '2.42.0',
  apiServerUrl: 'https://127.0.0.1:6543',
  tokenFile: '/state/prometheus.token',
  caFile: '/state/ca.crt',
});
/** The fields of all kinds that these tests read. */
interface Built {
  readonly metadata: { readonly name: string };
  readonly ports: readonly { readonly port: number }[];
  readonly endpoints: readonly { readonly addresses: readonly string[] }[];
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly scrapeClasses: readonly { readonly relabelings: readonly { regex: string; replacement: string }[] }[];
  };
}
const ofKind = (kind: string) => objects.filter((object) => object.kind === kind) as unknown as Built[];

describe('buildPlatformObjects', () => {
  it('gives every process a Service and an EndpointSlice with its actual port', () => {
    const services = ofKind('Service').map(({ metadata }) => metadata.name);
    expect(services).toEqual([...processNames, 'alertmanager']);
    const slices = Object.fromEntries(
      ofKind('EndpointSlice').map((slice) => [slice.metadata.name, slice.ports[0]?.port]),
    );
    expect(slices).toEqual({
      backend: 8101,
      'celery-worker': 8102,
      'signal-generator': 8103,
      'trigger-dispatcher': 8104,
      controller: 8105,
      alertmanager: 9193,
    });
  });

  it('uses no loopback address, which an API server refuses, and relabels its addresses to 127.0.0.1', () => {
    const addresses = ofKind('EndpointSlice').map((slice) => slice.endpoints[0]!.addresses[0]!);
    expect(new Set(addresses).size).toBe(addresses.length);
    const { regex, replacement } = ofKind('Prometheus')[0]!.spec.scrapeClasses[0]!.relabelings[0]!;
    for (const address of addresses) {
      expect(address).not.toMatch(/^127\./);
      expect(`${address}:8101`.replace(new RegExp(`^(?:${regex})$`), replacement)).toBe('127.0.0.1:8101');
    }
  });

  it('selects the rules and monitors of every namespace, and sets version and retention', () => {
    const { spec } = ofKind('Prometheus')[0]!;
    for (const kind of ['serviceMonitor', 'rule']) {
      expect([spec[`${kind}Selector`], spec[`${kind}NamespaceSelector`]]).toEqual([{}, {}]);
    }
    expect(spec).toMatchObject({ version: '2.42.0', retention: '30d', retentionSize: '10GB' });
  });
});
