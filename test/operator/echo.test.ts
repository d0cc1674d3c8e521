import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { resources } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER, labels } from '#controller/api/names.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import { until, untilQuiet } from './operator-under-test.ts';
import { useOperator } from './use-operator.ts';

describe('a watch event that arrives before the response to a write', () => {
  const { url, kubeconfigs } = inject('apiServer');
  let proxy: FaultProxy;
  beforeAll(async () => {
    proxy = await startFaultProxy(url, kubeconfigs.controller);
  });
  afterAll(() => proxy?.stop());
  const cluster = useOperator({ kubeconfigs: () => ({ ...kubeconfigs, controller: proxy.kubeconfig }) });
  afterEach(() => proxy.heal());

  /**
   * Creates a PrometheusRule labelled with a TradingPipeline that does not exist, and waits until the operator has
   * handled the event of that PrometheusRule. Events arrive in order, so the operator has then seen all earlier events
   * of PrometheusRules.
   */
  const untilSeen = async (marker: string) => {
    const before = cluster.operator.reconciles();
    const { apiVersion, kind } = resources.prometheusRule;
    const own = { [labels.managedBy]: FIELD_MANAGER, [labels.pipeline]: marker };
    const metadata = { ...cluster.at(marker), labels: own };
    await cluster.admin.apply(resources.prometheusRule, { apiVersion, kind, metadata, spec: { groups: [] } });
    await until(5_000, 'a later event is handled', async () => cluster.operator.reconciles() > before);
  };
  /** Creates a TradingPipeline, and holds back the response to the operator's write of its PrometheusRule. */
  const writeUnanswered = async (name: string) => {
    proxy.fail('hold-answer', /\/prometheusrules\/.*fieldManager/);
    await cluster.apply(name, { objectives: [{ name: 'publish-success' }] });
    const rule = await until(5_000, 'the rule is there', () => cluster.find(resources.prometheusRule, name));
    await untilSeen('marker');
    return rule;
  };

  it('is ignored if the event reports that write itself', async () => {
    await writeUnanswered('echoed');
    const before = cluster.operator.reconciles();
    proxy.heal();
    await cluster.settled('echoed');
    await untilQuiet(cluster.operator);
    expect(cluster.operator.reconciles() - before).toBe(1);
  });

  it('is acted on if somebody else made the change', async () => {
    const rule = await writeUnanswered('meddled');
    const { apiVersion, kind } = rule;
    const edited = structuredClone(rule.spec) as { groups: { rules: { expr: string }[] }[] };
    edited.groups[0]!.rules[0]!.expr = 'vector(1)';
    const foreign = { apiVersion, kind, metadata: cluster.at('meddled'), spec: edited };
    const meddled = await cluster.admin.apply(resources.prometheusRule, foreign);
    expect(meddled.spec).toEqual(edited);
    await untilSeen('later-marker');
    proxy.heal();
    await until(2_000, 'the rule is as it was', async () => {
      const now = await cluster.find(resources.prometheusRule, 'meddled');
      return JSON.stringify(now?.spec) === JSON.stringify(rule.spec);
    });
  });
});
