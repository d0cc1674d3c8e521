import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LuaEngine, LuaFactory } from 'wasmoon';
import { parse } from 'yaml';
import { API_VERSION, annotations, GROUP, KIND } from '#controller/api/names.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
import type { Findings } from '#controller/reconcile/status/conditions.ts';
import { buildStatus } from '#controller/reconcile/status/status.ts';
import type { Verdict } from '#controller/reconcile/status/verdict.ts';

const page = readFileSync(path.join(import.meta.dirname, '..', 'docs', 'gitops.md'), 'utf8');
const blocks = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text]) => parse(text ?? ''));
const script: string = blocks[0].data[`resource.customizations.health.${GROUP}_${KIND}`];

const NOW = '2026-01-01T00:00:00Z';
const well: Findings = {
  ...{ invalid: [], lostServices: [], rejectedRules: [], taken: [], refused: [] },
  services: [{ name: 'backend', endpoints: 1 }],
  objects: [{ kind: 'ServiceMonitor', name: 'tp.backend' }],
  alerts: 1,
};
const object = { kind: 'ConfigMap', name: 'tp', message: 'quota "exceeded"' };
const down: Verdict = { status: 'False', reason: 'TargetsDown', message: '3 of 4 targets are up' };
const rejected = {
  path: 'spec.a',
  message: 'does not parse',
  lastGoodKept: false,
  reason: 'RuleDoesNotParse',
} as const;

function pipeline(findings: Partial<Findings> | undefined, metadata: object = {}): TradingPipeline {
  const bare = {
    ...{ apiVersion: API_VERSION, kind: KIND, spec: {} },
    metadata: { name: 'tp', namespace: 'desk', generation: 2, ...metadata },
  };
  return findings ? { ...bare, status: buildStatus(bare, { ...well, ...findings }, NOW) } : bare;
}

const paused = { annotations: { [annotations.paused]: 'true' } };
const states: readonly (readonly [what: string, resource: TradingPipeline, argo: string, flux: string])[] = [
  ['has no status yet', pipeline(undefined), 'Progressing', 'Current'],
  [
    'was reconciled in an older generation',
    { ...pipeline({}), metadata: { name: 'tp', generation: 3 } },
    'Progressing',
    'InProgress',
  ],
  [
    'lacks a service',
    pipeline({ services: [{ name: 'a', endpoints: 0, problem: { reason: 'ServiceNotFound', message: 'none' } }] }),
    'Progressing',
    'InProgress',
  ],
  ['is refused by a quota', pipeline({ refused: [object] }), 'Progressing', 'InProgress'],
  ['has a rejected rule', pipeline({ rejectedRules: [rejected] }), 'Degraded', 'Failed'],
  ['has a wrong spec', pipeline({ invalid: ['spec.x: no'] }), 'Degraded', 'Failed'],
  [
    'claims a service that another resource holds',
    pipeline({ lostServices: [{ service: 'backend', holder: 'older' }] }),
    'Degraded',
    'Failed',
  ],
  ['needs an object whose name is taken', pipeline({ taken: [object] }), 'Degraded', 'Failed'],
  ['is Ready', pipeline({}), 'Healthy', 'Current'],
  ['is Ready but not scraped', pipeline({ monitoring: { targetsUp: down } }), 'Healthy', 'Current'],
  ['is paused', pipeline({ paused: true }, paused), 'Suspended', 'InProgress'],
];

/** Writes a value as a Lua literal, as Argo CD passes Kubernetes objects to its scripts. */
function luaOf(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(luaOf).join(', ')}}`;
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
  if (value === null || typeof value !== 'object') return value === undefined ? 'nil' : String(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `["${key}"] = ${luaOf(inner)}`)
    .join(', ')}}`;
}

/**
 * Returns the status that kstatus computes for a custom resource. kstatus is written in Go, so this function repeats its rules
 * (sigs.k8s.io/cli-utils, pkg/kstatus/status: checkGenericProperties, then checkReadyCondition).
 */
function kstatusOf({ metadata, status }: TradingPipeline): string {
  if (status?.observedGeneration !== undefined && status.observedGeneration !== metadata.generation)
    return 'InProgress';
  const is = (type: string) => status?.conditions?.find((one) => one.type === type)?.status;
  if (is('Reconciling') === 'True') return 'InProgress';
  if (is('Stalled') === 'True') return 'Failed';
  const ready = is('Ready');
  return ready === undefined || ready === 'True' ? 'Current' : 'InProgress';
}

describe('docs/gitops.md', () => {
  let lua: LuaEngine;
  beforeAll(async () => {
    lua = await new LuaFactory().createEngine();
  });
  afterAll(() => lua.global.close());

  const healthOf = async (resource: TradingPipeline): Promise<{ status: string; message: string }> =>
    lua.doString(`local obj = ${luaOf(resource)}\n${script}`);

  it.each(states)(
    'the script for Argo CD gives the expected health for a resource that %s',
    async (_what, resource, argo) => {
      const health = await healthOf(resource);
      expect([health.status, health.message]).toEqual([argo, expect.stringMatching(/\S/)]);
    },
  );

  it('the script reports targets that are down, although the resource is Healthy', async () => {
    const health = await healthOf(pipeline({ monitoring: { targetsUp: down } }));
    expect(health.message).toBe('TargetsUp: 3 of 4 targets are up');
  });

  it.each(states)(
    'the rules of kstatus give the expected status for a resource that %s',
    (_what, resource, _argo, flux) => {
      expect(kstatusOf(resource)).toBe(flux);
    },
  );
});
