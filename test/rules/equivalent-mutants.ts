/**
 * Mutants that mean the same as their rule, keyed by name, each with the reason. No case can notice them, so they are left out. Data only.
 */
const oneIsOne = 'absent() returns one series with the value 1, so its sum is its count';
const noughtOfOne = 'absent() returns 1, and 0 / 1 is 0 * 1';
const onlyLabels = 'a target exports one series, so the aggregation only removes labels';

const noughtOfBudget = 'a budget is above 0, and 0 / budget is 0 * budget';
const onlyWhich = 'the result is multiplied by 0, so only the presence of series counts';

export const equivalentMutants: Readonly<Record<string, string>> = {
  'ExecutionsStopped: aggregation sum → count at 201': oneIsOne,
  'MarketDataStopped: aggregation max → min at 131': onlyWhich,
  'MarketDataStopped: aggregation sum → count at 421': oneIsOne,
  'SignalGenerationStopped: aggregation sum → count at 207': oneIsOne,
  'DispatchStopped: aggregation sum → count at 212': oneIsOne,
  'ExecutionsStopped: operator * → / at 199': noughtOfOne,
  'SignalGenerationStopped: operator * → / at 205': noughtOfOne,
  'DispatchStopped: operator * → / at 210': noughtOfOne,
  'MarketDataStopped: operator * → / at 419': noughtOfOne,
  'MarketDataStopped: number 0 → 1 at 204':
    'market_open is at most 1: the age differs by one second, and rules run every 15 s',
  'objective:error_budget_remaining:ratio 30d: operator * → / at 237': noughtOfBudget,
  'objective:bad_events:increase1m pipeline-success: aggregation sum → count at 961': onlyWhich,
  'objective:pipeline_bad_events:increase1m pipeline-success of all pipelines: aggregation sum → count at 832':
    onlyWhich,
  'objective:events:increase1m of all pipelines: operator * → / at 37': 'a budget to the power of 0 is 1',
  'HighCPUUsage: aggregation max → min at 166': onlyLabels,
  'HighMemoryUsage: aggregation max → min at 0': onlyLabels,
  'HighMemoryUsage: aggregation max → min at 160': onlyLabels,
};
