/** Faults that users cause through the platform's API: pipelines that fail or spend too much, and too many requests. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Heal, keepDoing } from './heal.ts';

const RUN_EVERY_MS = 100;
const RUNS_WITHIN_MS = 5 * 60_000;

/**
 * Sends a request to the API and returns the parsed JSON of the response, or undefined if the response is empty.
 * @param api base URL, http://HOST:PORT
 * @param path under /api/v1
 * @throws Error with status and body if the response is not 2xx
 */
export async function askApi<Answer>(api: string, method: string, path: string, body?: object): Promise<Answer> {
  const url = `${api}/api/v1${path}`;
  const json = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(url, { method, ...json });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url}: expected a 2xx answer, got ${answer.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}

/** Simulates users who request one page at the same time. Each sends the next request as soon as the last one got a response or failed. */
export function keepAsking(url: string, users: number): Heal {
  const heals = Array.from({ length: users }, () =>
    keepDoing(async (ending) => {
      const answer = await fetch(url, { signal: ending }).catch(() => undefined);
      await answer?.text().catch(() => undefined);
    }),
  );
  return async () => {
    await Promise.all(heals.map((heal) => heal()));
  };
}

/** A pipeline that runs only on request. */
export interface PipelineByHand {
  /** Starts one run. The API refuses it while the previous run has not ended. */
  run(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Creates a pipeline with a manual trigger.
 * @param id an id that was never used before, because the id of a deleted pipeline stays reserved
 * @param what tickers, budget and stages of the pipeline
 */
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

/** Creates a pipeline whose runs all fail, because no market trades its ticker. */
export function createPipelineWithoutMarket(api: string, id: string): Promise<PipelineByHand> {
  return createPipelineByHand(api, id, { tickers: ['NOSUCH'] });
}

/** Creates a pipeline whose first run spends its model budget of the day. */
export function createPipelineOfSmallBudget(api: string, id: string): Promise<PipelineByHand> {
  return createPipelineByHand(api, id, { tickers: ['GOOG'], budget: { dailyUsd: 1e-6 } });
}

/**
 * Runs a pipeline `times` times, one run after the other. A refused run is requested again.
 * @throws Error with the last refusal, five minutes after the first run
 */
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
