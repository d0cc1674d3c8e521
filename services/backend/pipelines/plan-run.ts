import type { FieldError } from '../api/errors/problems.ts';

export interface RunnablePipeline {
  status: 'active' | 'paused' | 'deleted';
  tickers: readonly string[];
}

/** What keeps a pipeline from being run by hand, or the tickers to run it for: the one asked for, or all of its own. */
export type RunPlan =
  | { tickers: string[] }
  | { refused: 'pipeline-deleted' | 'pipeline-paused' }
  | { refused: 'invalid-request'; errors: FieldError[] };

export function planRun({ status, tickers }: RunnablePipeline, asked: string | undefined): RunPlan {
  if (status === 'deleted') return { refused: 'pipeline-deleted' };
  if (status === 'paused') return { refused: 'pipeline-paused' };
  if (asked === undefined) return { tickers: [...new Set(tickers)] };
  if (tickers.includes(asked)) return { tickers: [asked] };
  const some = tickers.slice(0, 10).join(', ');
  const message = `the pipeline does not trade ${asked}; it trades ${some}${tickers.length > 10 ? ', …' : ''}`;
  return { refused: 'invalid-request', errors: [{ path: 'ticker', message }] };
}
