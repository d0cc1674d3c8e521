/** Mutants that mean what their rule means, by name, each with the reason: no case can tell them, and none counts them. Data. */
const oneIsOne = 'absent() answers one series, of the value 1: its sum is its count';
const noughtOfOne = 'absent() answers 1: nought divided by it is nought, too';
const onlyLabels = 'a target exports one series of it: the aggregation only takes the other labels away';

const noughtOfBudget = 'a budget is above 0: nought divided by it is nought, too';
const onlyWhich = 'it is multiplied by 0: only which series there are counts';

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
  'MarketDataStopped: number 0 → 1 at 204': 'market_open is at most 1: a second later, where rules run every fifteen',
  'objective:error_budget_remaining:ratio 30d: operator * → / at 237': noughtOfBudget,
  'objective:bad_events:increase1m pipeline-success: aggregation sum → count at 961': onlyWhich,
  'objective:pipeline_bad_events:increase1m pipeline-success of all pipelines: aggregation sum → count at 832':
    onlyWhich,
  'objective:events:increase1m of all pipelines: operator * → / at 37': 'a budget to the power of 0 is 1',
  'HighCPUUsage: aggregation max → min at 166': onlyLabels,
  'HighMemoryUsage: aggregation max → min at 0': onlyLabels,
  'HighMemoryUsage: aggregation max → min at 160': onlyLabels,
};
