import { describe, expect, it } from 'vitest';
import { judgeReadiness } from './platform-state.ts';

const resource = (observedGeneration: number | undefined, status: string) => ({
  apiVersion: 'trading-platform.dev/v1alpha1',
  kind: 'TradingPipeline',
  metadata: { name: 'platform', generation: 2 },
  status: {
    observedGeneration,
    conditions: [{ type: 'Ready', status, reason: 'ServiceNotFound', message: 'no Service has the label …' }],
  },
});

describe('judgeReadiness', () => {
  it('is ready if the condition describes the current generation', () => {
    expect(judgeReadiness(resource(2, 'True'))).toEqual({ ready: true, reason: '' });
  });

  it('is not ready if the condition describes an older generation', () => {
    expect(judgeReadiness(resource(1, 'True')).ready).toBe(false);
  });

  it('returns the reason and message of the condition', () => {
    const reason = 'ServiceNotFound: no Service has the label …';
    expect(judgeReadiness(resource(2, 'False'))).toEqual({ ready: false, reason });
  });

  it('is not ready before the controller has written a status', () => {
    expect(judgeReadiness({ ...resource(2, 'True'), status: undefined }).ready).toBe(false);
  });
});
