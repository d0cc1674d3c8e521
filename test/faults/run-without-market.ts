import { askApi } from './ask-api.ts';

export interface FailingPipeline {
  /** Runs it once; the execution fails. */
  run(): Promise<void>;
  remove(): Promise<void>;
}

/** A pipeline whose ticker no market trades. `id` must never have been used before: a deleted pipeline keeps its own. */
export async function createPipelineWithoutMarket(api: string, id: string): Promise<FailingPipeline> {
  const pipeline = { pipeline_id: id, name: 'No market', trigger: { mode: 'manual' }, tickers: ['NOSUCH'] };
  await askApi(api, 'POST', '/pipelines', pipeline);
  return {
    run: () => askApi(api, 'POST', `/pipelines/${id}/run`, {}),
    remove: () => askApi(api, 'DELETE', `/pipelines/${id}`),
  };
}
