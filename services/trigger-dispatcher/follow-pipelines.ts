import { repeat } from '#base/repeat.ts';
import { channels } from '#catalogue/topics.ts';
import type { Logger } from '#kit/log.ts';
import { listen } from '#kit/postgres/listen.ts';
import type { IndexKeeper } from './index-keeper.ts';

export interface FollowOptions {
  readonly keeper: IndexKeeper;
  readonly databaseUrl: string;
  readonly refreshEveryMs: number;
  readonly log: Logger;
}

/**
 * Lets the index follow the pipelines: one by one as Postgres notifies, and as a whole after every lost connection and,
 * as a safety net, now and then.
 */
export function followPipelines({ keeper, databaseUrl, refreshEveryMs, log }: FollowOptions): {
  stop(): Promise<void>;
} {
  const listener = listen({
    url: databaseUrl,
    channels: [channels.pipelinesChanged],
    onNotification: (_, pipelineId) => keeper.pipelineChanged(pipelineId),
    onConnected: () => keeper.allChanged(),
    log,
  });
  const refreshing = repeat('refresh the index', refreshEveryMs, log, () => keeper.refresh());
  return {
    async stop() {
      await Promise.all([listener.stop(), refreshing.stop()]);
      await keeper.stop();
    },
  };
}
