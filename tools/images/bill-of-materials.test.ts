import { describe, expect, it } from 'vitest';
import { type Bill, buildBill, packageFolderOf } from './bill-of-materials.ts';

describe('packageFolderOf', () => {
  it.each([
    ['../../node_modules/pino/lib/tools.js', 'node_modules/pino'],
    ['../../node_modules/@fastify/cors/index.js', 'node_modules/@fastify/cors'],
    ['../../node_modules/a/node_modules/@b/c/index.js', 'node_modules/a/node_modules/@b/c'],
    ['../../kit/log.ts', undefined],
  ])('%s belongs to %s', (source, folder) => {
    expect(packageFolderOf(source)).toBe(folder);
  });
});

describe('buildBill', () => {
  const component = (ref: string) => ({
    'bom-ref': ref,
    name: ref.split('@')[0]!,
    version: ref.split('@')[1]!,
    externalReferences: [
      { type: 'distribution', url: 'https://mirror.example/x.tgz' },
      { type: 'website', url: 'https://example.org' },
    ],
  });
  const npm: Bill = {
    serialNumber: 'urn:uuid:differs-each-time',
    metadata: { timestamp: '2030-01-01T00:00:00.000Z', component: component('platform@1.0.0') },
    components: ['pino@10.0.0', 'fastify@5.0.0', 'fastify@4.0.0'].map(component),
    dependencies: [
      { ref: 'platform@1.0.0', dependsOn: ['pino@10.0.0', 'fastify@5.0.0'] },
      { ref: 'fastify@5.0.0', dependsOn: ['pino@10.0.0'] },
      { ref: 'fastify@4.0.0', dependsOn: [] },
    ],
  };
  const bill = buildBill(npm, 'backend', new Set(['fastify@5.0.0']), 1_000);

  it('has only the packages of the bundle, and the dependencies between them', () => {
    expect(bill.components.map((one) => one['bom-ref'])).toEqual(['fastify@5.0.0']);
    expect(bill.dependencies).toEqual([
      { ref: 'platform@1.0.0', dependsOn: ['fastify@5.0.0'] },
      { ref: 'fastify@5.0.0', dependsOn: [] },
    ]);
    expect(bill.metadata.component?.name).toBe('backend');
  });

  it('has no serial number, the given time, and no address of a registry', () => {
    expect(bill.serialNumber).toBeUndefined();
    expect(bill.metadata.timestamp).toBe('1970-01-01T00:16:40.000Z');
    expect(JSON.stringify(bill.components)).not.toContain('mirror.example');
  });
});
