/** The part of the schema that says what a pipeline is: the backend's own, as far as the platform can run it. Pure. */
import { z } from 'zod';
import { agentNames, agents } from '#trading/agents/agents.ts';
import { triggerModes } from '#trading/executions/execution.ts';
import { pipelineSchema, signalSubscriptionSchema } from '#trading/pipelines/pipeline.ts';
import { withCel, withRules } from './schema-rules.ts';

const { tickers, stages, risk, budget, mode } = pipelineSchema.shape;

/** The CRD cannot say a choice of shapes: here it is one shape, and rules. */
const triggerSchema = withRules(
  z.object({
    mode: withRules(z.enum(triggerModes), {
      cel: "self != 'periodic'",
      message:
        'no schedule is run yet: use signal; or manual, and POST /api/v1/pipelines/<namespace>.<name>/run from a CronJob',
      check: (value) => value !== 'periodic',
    }).describe('signal: each signal below starts it. manual: it starts only when asked'),
    signals: z
      .array(signalSubscriptionSchema)
      .min(1)
      .max(50)
      .optional()
      .describe('Any of these starts the pipeline; required for the mode signal'),
  }),
  {
    cel: "self.mode != 'signal' || has(self.signals)",
    message: 'signals are required for the mode signal',
    check: (trigger) => trigger.mode !== 'signal' || trigger.signals !== undefined,
    field: 'signals',
  },
  {
    cel: "self.mode == 'signal' || !has(self.signals)",
    message: 'signals are for the mode signal only: nothing else is started by them',
    check: (trigger) => trigger.mode === 'signal' || trigger.signals === undefined,
    field: 'signals',
  },
);

const places = `[${agentNames.map((_, place) => place).join(', ')}]`;
const ordered = Object.entries(agents).flatMap(([agent, { requires }]) =>
  requires.map((required) => ({
    // over places that are written out: the API server cannot tell what a list made by map() may cost
    cel:
      `${places}.all(at, at >= size(self) || self[at].agent != '${agent}' || ` +
      `${places}.exists(before, before < at && self[before].agent == '${required}'))`,
    message: `${agent} needs a ${required} stage before it`,
  })),
);

/** Their order has a meaning: no two appliers can merge theirs. */
const stagesSchema = withCel(stages.meta({ 'x-kubernetes-list-type': 'atomic' }), ...ordered, {
  cel: 'self.all(stage, self.exists_one(other, other.agent == stage.agent))',
  message: 'each agent must stand once',
}).describe('The agents it runs, in order');

export const pipelineSectionSchema = z.object({
  trigger: triggerSchema.describe('What starts the pipeline'),
  tickers: tickers
    .refine((names) => new Set(names).size === names.length, 'each ticker must stand once')
    .meta({ 'x-kubernetes-list-type': 'set' })
    .describe('The instruments it trades'),
  stages: stagesSchema,
  risk,
  budget,
  mode: withRules(mode, {
    cel: "self != 'live'",
    message: 'live needs a broker, and there is none yet: use paper',
    check: (value) => value !== 'live',
  }).describe('paper: orders are filled at the market price, without money'),
  paused: z.boolean().default(false).describe('Nothing starts it, and what runs already orders nothing'),
});
export type PipelineSpec = z.output<typeof pipelineSectionSchema>;
