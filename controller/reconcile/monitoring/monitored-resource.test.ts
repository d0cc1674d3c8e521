import { expect, it } from 'vitest';
import { specOf } from '../../../test/support/spec-of.ts';
import { compile } from '../../compile/compile.ts';
import { sharedGroupNames } from '../../compile/objects/shared-rules.ts';
import { buildMonitoredResource } from './monitored-resource.ts';

const owner = { namespace: 'desk', name: 'tp', uid: 'u' };
const pipeline = { trigger: { mode: 'manual' }, tickers: ['GOOG'] };

it.each([
  ['a pipeline', { pipeline, objectives: [{ name: 'pipeline-success' }] }, sharedGroupNames],
  ['a service', { objectives: [{ name: 'pipeline-success' }] }, []],
  [
    'a service, beside an alert with a label named indicator,',
    { alerts: { custom: [{ alert: 'Up', expr: 'up == 0', labels: { indicator: 'mine' } }] } },
    [],
  ],
])('the objectives of %s need these shared rule groups: %j', (_what, raw, names) => {
  const spec = specOf(raw);
  const written = compile({ owner, spec }).objects;
  const { groups } = buildMonitoredResource({ owner, spec, written, unwritten: [], kept: [] });
  const others = groups.filter(({ name }) => !name.startsWith('desk.tp.'));
  expect(others.map(({ name }) => name)).toEqual(names);
  for (const { rules } of others) expect(rules.length).toBeGreaterThan(0);
});
