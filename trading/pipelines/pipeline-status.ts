/**
 * Names of the statuses and owners of pipelines and bots. Table columns, API schemas and metric labels use these names.
 */

export const pipelineStatuses = ['active', 'paused', 'deleted'] as const;
export type PipelineStatus = (typeof pipelineStatuses)[number];

/**
 * Who may change a pipeline. `api`: users of the API. `cluster`: only the TradingPipeline that declares the pipeline.
 */
export const pipelineOwners = ['api', 'cluster'] as const;
export type PipelineOwner = (typeof pipelineOwners)[number];

/**
 * Statuses of bots. A bot is a pipeline that trades, and each status of a bot corresponds to one status of the
 * pipeline.
 */
export const botStatuses = ['running', 'paused', 'stopped'] as const;
export type BotStatus = (typeof botStatuses)[number];

export const botStatusOf = {
  active: 'running',
  paused: 'paused',
  deleted: 'stopped',
} as const satisfies Record<PipelineStatus, BotStatus>;

export const pipelineStatusOf = {
  running: 'active',
  paused: 'paused',
  stopped: 'deleted',
} as const satisfies Record<BotStatus, PipelineStatus>;
