import { setTimeout as sleep } from 'node:timers/promises';
import { askApi } from './ask-api.ts';

const RUN_EVERY_MS = 100;
const RUNS_WITHIN_MS = 5 * 60_000;

/** A pipeline that runs when it is asked to. */
export interface PipelineByHand {
  /** Runs it once; refused while the run before has not ended. */
  run(): Promise<void>;
  remove(): Promise<void>;
}

/** `id` must never have been used before: a deleted pipeline keeps its own. `what` is a ticker, and more where it is needed. */
export async function createPipelineByHand(
  api: string,
  id: string,
  what: { readonly tickers: readonly string[]; readonly budget?: object; readonly stages?: readonly object[] },
): Promise<PipelineByHand> {
  await askApi(api, 'POST', '/pipelines', { pipeline_id: id, name: 'By hand', trigger: { mode: 'manual' }, ...what });
  return {
    run: () => askApi(api, 'POST', `/pipelines/${id}/run`, {}),
    remove: () => askApi(api, 'DELETE', `/pipelines/${id}`),
  };
}

/** Its runs fail: no market trades its ticker. */
export function createPipelineWithoutMarket(api: string, id: string): Promise<PipelineByHand> {
  return createPipelineByHand(api, id, { tickers: ['NOSUCH'] });
}

/** Its first run spends its model budget of the day. */
export function createPipelineOfSmallBudget(api: string, id: string): Promise<PipelineByHand> {
  return createPipelineByHand(api, id, { tickers: ['GOOG'], budget: { dailyUsd: 1e-6 } });
}

/** One run after the other; what is refused is asked again. @throws Error when that takes minutes */
export async function runTimes({ run }: PipelineByHand, times: number): Promise<void> {
  const deadline = performance.now() + RUNS_WITHIN_MS;
  for (let done = 0; done < times; ) {
    await run().then(
      () => {
        done += 1;
      },
      (error: unknown) => {
        if (performance.now() > deadline) throw error;
      },
    );
    await sleep(RUN_EVERY_MS);
  }
}
