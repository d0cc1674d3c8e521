import { describe, expect, it } from 'vitest';
import { parseStageResults, requireResult } from './stages.ts';

const strategy = { action: 'BUY', confidence: 70, reasoning: 'r', decided_by: 'model' } as const;

describe('stage results', () => {
  it('come back from JSON as they were', () => {
    const results = parseStageResults([{ agent: 'strategy', result: JSON.parse(JSON.stringify(strategy)) }]);
    expect(results).toEqual({ strategy });
    expect(requireResult(results, 'strategy').action).toBe('BUY');
  });

  it('of before there were models are those of rules', () => {
    const { decided_by, ...before } = strategy;
    expect(parseStageResults([{ agent: 'strategy', result: before }]).strategy?.decided_by).toBe('rule');
  });

  it('are refused where they are not what the agent gives', () => {
    expect(() => parseStageResults([{ agent: 'strategy', result: { action: 'HOLD' } }])).toThrow(/action/);
  });

  it('say which stage is missing', () => {
    expect(() => requireResult({}, 'risk-manager')).toThrow('the risk-manager stage has no result');
  });
});
