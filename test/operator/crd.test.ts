import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { dashboardNames } from '#catalogue/dashboards.ts';
import { resources } from '#controller/api/kube-object.ts';
import { parseTradingPipelineSpec } from '#controller/api/trading-pipeline.ts';
import type { KubeClient } from '#controller/kube/kube-client.ts';
import { agentNames } from '#trading/agents/agents.ts';
import { modesWithoutBroker } from '#trading/orders/order.ts';
import { connectAdmin, createNamespace, tradingPipeline } from './operator-under-test.ts';

describe('the CustomResourceDefinition on a real API server', () => {
  let admin: KubeClient;
  let namespace: string;
  beforeAll(async () => {
    admin = connectAdmin(inject('apiServer').kubeconfigs.admin);
    namespace = await createNamespace(admin);
  });
  afterAll(() => admin.close());

  it('fills in the documented defaults', async () => {
    const given = {
      services: [{ name: 'backend' }],
      pipeline: { trigger: { mode: 'signal', signals: [{ type: 'rsi' }] }, tickers: ['GOOG'] },
      alerts: { rules: { HighPipelineFailureRate: { threshold: 0.2 } } },
      objectives: [{ name: 'pipeline-latency', indicator: { pipelineLatency: {} } }],
      dashboards: {},
    };
    const { spec } = await admin.apply(resources.tradingPipeline, tradingPipeline(namespace, 'defaults', given));
    expect(spec).toMatchObject({
      services: [{ name: 'backend', port: 'metrics', path: '/metrics' }],
      pipeline: {
        trigger: { mode: 'signal', signals: [{ type: 'rsi', minConfidence: 0 }] },
        stages: agentNames.map((agent) => ({ agent })),
        risk: { maxPositionUsd: 10_000, maxDailyLossUsd: 1_000, maxDrawdown: 0.2 },
        mode: 'paper',
        paused: false,
      },
      alerts: {
        rules: {
          HighPipelineFailureRate: { threshold: 0.2, for: '5m', severity: 'warning', enabled: true, minVolume: 5 },
        },
      },
      objectives: [
        {
          window: '30d',
          indicator: { pipelineLatency: { below: '10s' } },
          alerting: {
            page: { enabled: true, severity: 'critical' },
            ticket: { enabled: true, severity: 'warning' },
            minEvents: 5,
          },
        },
      ],
      dashboards: { include: [...dashboardNames], folder: 'Trading' },
    });
  });

  const custom = (fields: object) => ({ alerts: { custom: [{ alert: 'Mine', expr: 'up == 0', ...fields }] } });
  const objective = (fields: object) => ({ objectives: [{ name: 'mine', target: 95, ...fields }] });
  const counted = (fields: object) => objective({ indicator: { custom: fields } });
  const manual = { trigger: { mode: 'manual' }, tickers: ['GOOG'] };
  const pipeline = (fields: object) => ({ pipeline: { ...manual, ...fields } });
  const periodic = (fields: object) => pipeline({ trigger: { mode: 'periodic', ...fields } });
  const stages = (...names: string[]) => pipeline({ stages: names.map((agent) => ({ agent })) });
  const refused: readonly (readonly [what: string, spec: object, path: string])[] = [
    ['an unknown service without a selector', { services: [{ name: 'other' }] }, 'spec.services[0].selector'],
    [
      'a service name that is not a DNS label',
      { services: [{ name: 'a"b', selector: { matchLabels: { a: 'b' } } }] },
      'spec.services[0].name',
    ],
    [
      'an empty selector',
      { services: [{ name: 'other', selector: { matchLabels: {} } }] },
      'spec.services[0].selector.matchLabels',
    ],
    ['a path without /', { services: [{ name: 'backend', path: 'metrics' }] }, 'spec.services[0].path'],
    ['a port number', { services: [{ name: 'backend', port: '8001"' }] }, 'spec.services[0].port'],
    ['an interval of zero', { services: [{ name: 'backend', interval: '0s' }] }, 'spec.services[0].interval'],
    ['an interval that is too long', { services: [{ name: 'backend', interval: '5m' }] }, 'spec.services[0].interval'],
    [
      'a share above 1',
      { alerts: { rules: { HighPipelineFailureRate: { threshold: 20 } } } },
      'spec.alerts.rules.HighPipelineFailureRate.threshold',
    ],
    [
      'an invalid duration',
      { alerts: { rules: { ServiceDown: { for: '5 minutes' } } } },
      'spec.alerts.rules.ServiceDown.for',
    ],
    [
      'an unknown severity',
      { alerts: { rules: { ServiceDown: { severity: 'page' } } } },
      'spec.alerts.rules.ServiceDown.severity',
    ],
    [
      'a custom alert with the name of a platform alert',
      custom({ alert: 'ServiceDown' }),
      'spec.alerts.custom[0].alert',
    ],
    ['a custom alert without an expression', { alerts: { custom: [{ alert: 'Mine' }] } }, 'spec.alerts.custom[0].expr'],
    ['an invalid label name', custom({ labels: { 'a-b': 'c' } }), 'spec.alerts.custom[0].labels'],
    ['a label the controller sets', { alerts: { labels: { severity: 'page' } } }, 'spec.alerts.labels'],
    ['a routing label with a bad name', { alerts: { labels: { 'a-b': 'c' } } }, 'spec.alerts.labels'],
    ['a routing label that is a template', { alerts: { labels: { a: '{{ $x }}' } } }, 'spec.alerts.labels.a'],
    ['a runbook base that is not a URL', { alerts: { runbookBaseUrl: 'wiki' } }, 'spec.alerts.runbookBaseUrl'],
    ['an objective without an indicator', objective({}), 'spec.objectives[0].indicator'],
    [
      'an objective without a target',
      { objectives: [{ name: 'mine', indicator: { pipelineSuccess: {} } }] },
      'spec.objectives[0].target',
    ],
    [
      'two indicators',
      objective({ indicator: { pipelineSuccess: {}, publishSuccess: {} } }),
      'spec.objectives[0].indicator',
    ],
    ['both good and bad events', counted({ total: 'a', good: 'b', bad: 'c' }), 'spec.objectives[0].indicator.custom'],
    ['good events without total', counted({ good: 'b' }), 'spec.objectives[0].indicator.custom.total'],
    [
      'a target that leaves no budget',
      objective({ target: 100, indicator: { pipelineSuccess: {} } }),
      'spec.objectives[0].target',
    ],
    [
      'a window that is not one of the choices',
      objective({ window: '1h', indicator: { pipelineSuccess: {} } }),
      'spec.objectives[0].window',
    ],
    [
      'a latency that is no bound of the histogram',
      objective({ indicator: { pipelineLatency: { below: '9s' } } }),
      'spec.objectives[0].indicator.pipelineLatency.below',
    ],
    [
      'a custom alert with the name of an objective alert',
      custom({ alert: 'ObjectiveBurnsFast' }),
      'spec.alerts.custom[0].alert',
    ],
    ['a pipeline without a trigger', { pipeline: { tickers: ['GOOG'] } }, 'spec.pipeline.trigger'],
    ['a pipeline without a ticker', pipeline({ tickers: [] }), 'spec.pipeline.tickers'],
    ['an invalid ticker', pipeline({ tickers: ['goog'] }), 'spec.pipeline.tickers[0]'],
    ['a periodic trigger without a schedule', periodic({}), 'spec.pipeline.trigger.schedule'],
    ['a nickname as a schedule', periodic({ schedule: '@daily' }), 'spec.pipeline.trigger.schedule'],
    ['a date as a schedule', periodic({ schedule: '2026-12-24T18:00:00' }), 'spec.pipeline.trigger.schedule'],
    ['a schedule with seconds', periodic({ schedule: '0 0 * * * *' }), 'spec.pipeline.trigger.schedule'],
    [
      'an offset as a time zone',
      periodic({ schedule: '0 0 * * *', timeZone: '+02:00' }),
      'spec.pipeline.trigger.timeZone',
    ],
    [
      'a manual trigger with a schedule',
      pipeline({ trigger: { mode: 'manual', schedule: '0 0 * * *' } }),
      'spec.pipeline.trigger.schedule',
    ],
    [
      'a manual trigger with a time zone',
      pipeline({ trigger: { mode: 'manual', timeZone: 'UTC' } }),
      'spec.pipeline.trigger.timeZone',
    ],
    ...modesWithoutBroker.map((mode) => [`${mode} orders`, pipeline({ mode }), 'spec.pipeline.mode'] as const),
    ['a signal trigger without signals', pipeline({ trigger: { mode: 'signal' } }), 'spec.pipeline.trigger.signals'],
    [
      'a manual trigger with signals',
      pipeline({ trigger: { mode: 'manual', signals: [{ type: 'rsi' }] } }),
      'spec.pipeline.trigger.signals',
    ],
    [
      'a signal type without a generator',
      pipeline({ trigger: { mode: 'signal', signals: [{ type: 'moon' }] } }),
      'spec.pipeline.trigger.signals[0].type',
    ],
    ['a stage before the one it needs', stages('strategy', 'market-data'), 'spec.pipeline.stages'],
    ['a stage without the one it needs', stages('market-data', 'trade-manager'), 'spec.pipeline.stages'],
    ['a stage that is listed twice', stages('market-data', 'market-data'), 'spec.pipeline.stages'],
    ['a budget of 0 USD', pipeline({ budget: { dailyUsd: 0 } }), 'spec.pipeline.budget.dailyUsd'],
    ['a drawdown above 1', pipeline({ risk: { maxDrawdown: 20 } }), 'spec.pipeline.risk.maxDrawdown'],
    ['a dashboard that does not exist', { dashboards: { include: ['none'] } }, 'spec.dashboards.include[0]'],
    ['a dashboard that is listed twice', { dashboards: { include: ['cost', 'cost'] } }, 'spec.dashboards.include'],
    ['an unknown policy', { dashboards: { policy: 'keep' } }, 'spec.dashboards.policy'],
    ['an invalid object label', { labels: { 'a b': 'c' } }, 'spec.labels'],
    ['an object label that the controller sets', { labels: { 'app.kubernetes.io/managed-by': 'Helm' } }, 'spec.labels'],
    ['a folder that is a path', { dashboards: { folder: '../etc' } }, 'spec.dashboards.folder'],
    [
      'a dashboard label that the controller sets',
      { dashboards: { labels: { 'trading-platform.dev/pipeline': 'x' } } },
      'spec.dashboards.labels',
    ],
  ];
  it('accepts a schedule with a time zone', async () => {
    const spec = periodic({ schedule: '*/15 9-17 1,15 JAN-JUN MON-FRI', timeZone: 'America/Argentina/Buenos_Aires' });
    const applying = admin.apply(resources.tradingPipeline, tradingPipeline(namespace, 'good', spec), { dryRun: true });
    await expect(applying).resolves.toMatchObject({ spec });
  });

  it.each(refused)('refuses %s, naming the field', async (_what, spec, path) => {
    const applying = admin.apply(resources.tradingPipeline, tradingPipeline(namespace, 'bad', spec), { dryRun: true });
    await expect(applying).rejects.toMatchObject({ code: 422, message: expect.stringContaining(`${path}: `) });
  });

  /** Server-side apply refuses these specs while it merges, before validation, so the message is not that of our schema. */
  const doubled: readonly (readonly [what: string, spec: object, path: string])[] = [
    ['a service', { services: [{ name: 'backend' }, { name: 'backend' }] }, '.spec.services: duplicate entries'],
    [
      'a custom alert',
      { alerts: { custom: [1, 2].map(() => ({ alert: 'A', expr: '1' })) } },
      '.spec.alerts.custom: duplicate entries',
    ],
    [
      'an objective',
      { objectives: [{ name: 'pipeline-success' }, { name: 'pipeline-success' }] },
      '.spec.objectives: duplicate entries',
    ],
  ];
  it.each(doubled)('refuses %s that is listed twice, naming the field', async (_what, spec, path) => {
    const applying = admin.apply(resources.tradingPipeline, tradingPipeline(namespace, 'bad', spec), { dryRun: true });
    await expect(applying).rejects.toMatchObject({ message: expect.stringContaining(path) });
    expect(parseTradingPipelineSpec(spec)).toHaveProperty('problems');
  });

  it('treats an emptied list of dashboards as no dashboards, not as the default', async () => {
    const at = { namespace, name: 'emptied' };
    for (const include of [['overview'], []])
      await admin.apply(resources.tradingPipeline, tradingPipeline(namespace, at.name, { dashboards: { include } }));
    const { spec } = await admin.get(resources.tradingPipeline, at);
    expect(spec).toMatchObject({ dashboards: { include: [] } });
    await admin.delete(resources.tradingPipeline, at);
  });

  it('refuses a name that is too long for a label', async () => {
    const applying = admin.apply(resources.tradingPipeline, tradingPipeline(namespace, 'a'.repeat(64), {}), {
      dryRun: true,
    });
    await expect(applying).rejects.toMatchObject({
      code: 422,
      message: expect.stringContaining('metadata.name: must be at most 63'),
    });
  });

  it.each(refused)('is as strict as the offline check, which also refuses %s', (_what, spec) => {
    expect(parseTradingPipelineSpec(spec)).toHaveProperty('problems');
  });
});
