/** Words for pipelines and bots. Table columns, API schemas and metric labels take them from here. */

export const pipelineStatuses = ['active', 'paused', 'deleted'] as const;
export type PipelineStatus = (typeof pipelineStatuses)[number];

/** Who may change a pipeline: users of the API, or the cluster whose TradingPipeline declares it. */
export const pipelineOwners = ['api', 'cluster'] as const;
export type PipelineOwner = (typeof pipelineOwners)[number];

/** A bot is a pipeline that trades. Each status of a pipeline has its word for bots. */
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
