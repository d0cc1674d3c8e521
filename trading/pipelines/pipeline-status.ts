/**
 * Names of the statuses and owners of pipelines and bots. Table columns, API schemas and metric labels use these names.
 */

/** `paused` and `stopped` differ only in their names: a user pauses a pipeline, and stops a bot. Both can go on. */
export const pipelineStatuses = ['active', 'paused', 'stopped', 'deleted'] as const;
export type PipelineStatus = (typeof pipelineStatuses)[number];

/**
 * Who may change a pipeline. `api`: users of the API. `cluster`: only the TradingPipeline that declares the pipeline.
 */
export const pipelineOwners = ['api', 'cluster'] as const;
export type PipelineOwner = (typeof pipelineOwners)[number];

/**
 * Statuses of bots that are counted. A bot is a pipeline that trades, and each status of a bot corresponds to one status
 * of the pipeline.
 */
export const botStatuses = ['running', 'paused', 'stopped'] as const;
export type BotStatus = (typeof botStatuses)[number];
/** Statuses of bots that the API shows. A deleted bot is readable, because its orders refer to it, but is not counted. */
export const shownBotStatuses = [...botStatuses, 'deleted'] as const;
export type ShownBotStatus = (typeof shownBotStatuses)[number];

export const botStatusOf = {
  active: 'running',
  paused: 'paused',
  stopped: 'stopped',
  deleted: 'deleted',
} as const satisfies Record<PipelineStatus, ShownBotStatus>;

export const pipelineStatusOf = {
  running: 'active',
  paused: 'paused',
  stopped: 'stopped',
  deleted: 'deleted',
} as const satisfies Record<ShownBotStatus, PipelineStatus>;
