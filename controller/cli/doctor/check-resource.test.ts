import { describe, expect, it } from 'vitest';
import { resources } from '../../api/kube-object.ts';
import type { Condition } from '../../api/trading-pipeline-status.ts';
import { checkResource } from './check-resource.ts';

const { apiVersion, kind } = resources.tradingPipeline;
const of = (type: string, status: Condition['status'], reason: string): Condition => ({
  ...{ type, status, reason, message: `message of ${type}` },
  ...{ lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 },
});
const findings = (...conditions: Condition[]) =>
  checkResource({
    ...{ apiVersion, kind },
    metadata: { namespace: 'desk', name: 'tp', generation: 1 },
    spec: {},
    status: { observedGeneration: 1, conditions: [of('Ready', 'True', 'Reconciled'), ...conditions] },
  }).filter((finding) => finding.case !== 'controllerIdle');

describe('checkResource', () => {
  it('reports a pipeline that nothing can start as wrong, in a case of its own, although the resource is Ready', () => {
    expect(findings(of('SignalsEmitted', 'False', 'SignalsNeverSeen'))).toMatchObject([
      {
        case: 'pipelineSilent',
        verdict: 'wrong',
        message: 'SignalsEmitted is False (SignalsNeverSeen): message of SignalsEmitted',
        remedy: expect.stringContaining('Correct `spec.pipeline.tickers`'),
      },
    ]);
  });

  it('cannot tell yet on a platform that has just started', () => {
    expect(findings(of('SignalsEmitted', 'Unknown', 'SignalsNotSeenYet'))).toMatchObject([
      { case: 'notReady', verdict: 'ok' },
      { case: 'pipelineSilent', verdict: 'unknown', remedy: expect.stringContaining('Wait') },
    ]);
  });

  it('is content with a pipeline that signals start, and with a resource without one', () => {
    expect(findings(of('SignalsEmitted', 'True', 'SignalsSeen')).map(({ verdict }) => verdict)).toEqual(['ok', 'ok']);
    expect(findings().map(({ case: name, verdict }) => [name, verdict])).toEqual([['notReady', 'ok']]);
  });
});
