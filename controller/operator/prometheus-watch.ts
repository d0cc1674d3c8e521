/** Asks Prometheus for all resources at once, and has looked at again those whose status its answer makes old. */

import type { Log } from '#base/log.ts';
import type { PrometheusClient } from '../prometheus/prometheus-client.ts';
import { PrometheusPoll } from '../prometheus/prometheus-poll.ts';
import { buildAnswersReader } from '../prometheus/read-answers.ts';
import type { PrometheusView } from '../reconcile/monitoring/prometheus-view.ts';
import { awaitFirstAnswer } from './first-answer.ts';

export interface PrometheusOptions {
  readonly client: PrometheusClient;
  /** Between two questions. Default 15 s. */
  readonly everyMs?: number;
}

export interface PrometheusWatch {
  view(): PrometheusView;
  /** Whether there is nothing to wait for before the first status is written. */
  settled(): boolean;
  stop(): Promise<void>;
}

/** `onAsked` is called after each question. */
export function startPrometheusWatch(
  options: PrometheusOptions | undefined,
  log: Log,
  onAsked: (result: 'success' | 'error') => void,
): PrometheusWatch {
  if (!options) return { view: () => ({ state: 'notConfigured' }), settled: () => true, stop: async () => {} };
  const { client, everyMs } = options;
  const poll = new PrometheusPoll({
    everyMs,
    read: buildAnswersReader(client),
    onAsked: (_view, error) => {
      if (error) log.warn({ error: error.message }, 'Prometheus does not answer');
      onAsked(error ? 'error' : 'success');
    },
  });
  poll.start();
  return {
    view: () => poll.view,
    settled: awaitFirstAnswer(() => poll.view),
    stop: async () => {
      await poll.stop();
      client.close();
    },
  };
}
