import { askApi } from './ask-api.ts';
import type { FailingPipeline } from './run-without-market.ts';

/** A pipeline whose first execution spends its model budget of the day. `id` must never have been used before. */
export async function createPipelineOfSmallBudget(api: string, id: string): Promise<FailingPipeline> {
  const what = { name: 'Small budget', trigger: { mode: 'manual' }, tickers: ['GOOG'], budget: { dailyUsd: 1e-6 } };
  await askApi(api, 'POST', '/pipelines', { pipeline_id: id, ...what });
  return {
    run: () => askApi(api, 'POST', `/pipelines/${id}/run`, {}),
    remove: () => askApi(api, 'DELETE', `/pipelines/${id}`),
  };
}
