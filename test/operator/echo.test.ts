import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { resources } from '#controller/api/resources.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import {
  createNamespace,
  find,
  type OperatorUnderTest,
  settled,
  startOperator,
  tradingPipeline,
  until,
  untilQuiet,
} from './operator-under-test.ts';

/** Longer than an event takes through a watch by far. */
const EVENT_MS = 300;

describe('what the watch tells of a write before the write is answered', () => {
  const { url, kubeconfigs } = inject('apiServer');
  let proxy: FaultProxy;
  let operator: OperatorUnderTest;
  let namespace: string;

  beforeAll(async () => {
    proxy = await startFaultProxy(url, kubeconfigs.controller);
    operator = await startOperator({ admin: kubeconfigs.admin, controller: proxy.kubeconfig });
    namespace = await createNamespace(operator.admin);
  });
  afterEach(() => proxy.heal());
  afterAll(async () => {
    await operator?.stop();
    await proxy?.stop();
  });

  /** A resource whose rule is written, and whose controller does not know that yet. */
  const writeUnanswered = async (name: string) => {
    proxy.fail('hold-answer', /\/prometheusrules\/.*fieldManager/);
    const spec = { objectives: [{ name: 'publish-success' }] };
    await operator.admin.apply(resources.tradingPipeline, tradingPipeline(namespace, name, spec));
    const rule = await until(5_000, 'the rule is there', () =>
      find(operator.admin, resources.prometheusRule, namespace, name),
    );
    await sleep(EVENT_MS);
    return rule;
  };

  it('is an echo of it: the resource is not looked at again', async () => {
    await writeUnanswered('echoed');
    const before = operator.reconciles();
    proxy.heal();
    await settled(operator.admin, namespace, 'echoed');
    await untilQuiet(operator);
    expect(operator.reconciles() - before).toBe(1);
  });

  it("is somebody else's doing all the same: it is put right", async () => {
    const rule = await writeUnanswered('meddled');
    const { apiVersion, kind, metadata } = rule;
    const edited = structuredClone(rule.spec) as { groups: { rules: { expr: string }[] }[] };
    edited.groups[0]!.rules[0]!.expr = 'vector(1)';
    const identity = { apiVersion, kind, metadata: { namespace, name: metadata.name } };
    const meddled = await operator.admin.apply(resources.prometheusRule, { ...identity, spec: edited });
    expect(meddled.spec).toEqual(edited);
    await sleep(EVENT_MS);
    proxy.heal();
    await until(2_000, 'the rule is as it was', async () => {
      const now = await find(operator.admin, resources.prometheusRule, namespace, 'meddled');
      return JSON.stringify(now?.spec) === JSON.stringify(rule.spec);
    });
  });
});
