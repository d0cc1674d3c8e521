/** The schema of `spec.pipeline`: the trading domain's pipeline, restricted to what the platform can run today. Pure. */
import { z } from 'zod';
import { agentNames, agents } from '#trading/agents/agents.ts';
import { triggerModes } from '#trading/executions/execution.ts';
import { modesWithBroker, modesWithoutBroker } from '#trading/orders/order.ts';
import { pipelineSchema, signalSubscriptionSchema } from '#trading/pipelines/pipeline.ts';
import { scheduleSchema, timeZoneSchema } from '#trading/pipelines/schedule.ts';
import { withCel, withRules } from './schema-rules.ts';

const { tickers, stages, risk, budget, mode } = pipelineSchema.shape;

/** The trigger is one object type with rules between its fields, because a CRD cannot express a union of object types. */
const triggerSchema = withRules(
  z.object({
    mode: z
      .enum(triggerModes)
      .describe(
        'signal: each matching signal starts the pipeline. periodic: its schedule starts it. manual: only a call of the API starts it',
      ),
    signals: z
      .array(signalSubscriptionSchema)
      .min(1)
      .max(50)
      .optional()
      .describe('The signals that start the pipeline, any one of them; required for the mode signal'),
    schedule: scheduleSchema
      .optional()
      .describe(
        'When the pipeline is due, as in crontab: minute, hour, day of month, month and day of week, such as 30 9 * * MON-FRI; required for the mode periodic',
      ),
    timeZone: timeZoneSchema
      .optional()
      .describe('Time zone of the schedule, a name of the IANA database such as Europe/Berlin. UTC if it is absent'),
  }),
  {
    cel: "self.mode != 'signal' || has(self.signals)",
    message: 'signals are required for the mode signal',
    check: (trigger) => trigger.mode !== 'signal' || trigger.signals !== undefined,
    field: 'signals',
  },
  {
    cel: "self.mode == 'signal' || !has(self.signals)",
    message: 'signals are allowed for the mode signal only',
    check: (trigger) => trigger.mode === 'signal' || trigger.signals === undefined,
    field: 'signals',
  },
  {
    cel: "self.mode != 'periodic' || has(self.schedule)",
    message: 'a schedule is required for the mode periodic',
    check: (trigger) => trigger.mode !== 'periodic' || trigger.schedule !== undefined,
    field: 'schedule',
  },
  {
    cel: "self.mode == 'periodic' || !has(self.schedule)",
    message: 'a schedule is allowed for the mode periodic only',
    check: (trigger) => trigger.mode === 'periodic' || trigger.schedule === undefined,
    field: 'schedule',
  },
  {
    cel: "self.mode == 'periodic' || !has(self.timeZone)",
    message: 'a time zone is allowed for the mode periodic only',
    check: (trigger) => trigger.mode === 'periodic' || trigger.timeZone === undefined,
    field: 'timeZone',
  },
);

const places = `[${agentNames.map((_, place) => place).join(', ')}]`;
const ordered = Object.entries(agents).flatMap(([agent, { requires }]) =>
  requires.map((required) => ({
    // The rule lists all indexes of stages, because the API server cannot estimate the cost of a rule over a list that
    // map() builds
    cel:
      `${places}.all(at, at >= size(self) || self[at].agent != '${agent}' || ` +
      `${places}.exists(before, before < at && self[before].agent == '${required}'))`,
    message: `${agent} needs a ${required} stage before it`,
  })),
);

/** An atomic list, because the order of the stages matters: two appliers must not merge their lists. */
const stagesSchema = withCel(stages.meta({ 'x-kubernetes-list-type': 'atomic' }), ...ordered, {
  cel: 'self.all(stage, self.exists_one(other, other.agent == stage.agent))',
  message: 'each agent must be listed once',
}).describe('The agents that the pipeline runs, in order');

export const pipelineSectionSchema = z.object({
  trigger: triggerSchema.describe('What starts the pipeline'),
  tickers: tickers
    .refine((names) => new Set(names).size === names.length, 'each ticker must be listed once')
    .meta({ 'x-kubernetes-list-type': 'set' })
    .describe('The instruments that the pipeline trades'),
  stages: stagesSchema,
  risk,
  budget,
  mode: withRules(mode, {
    cel: modesWithoutBroker.map((name) => `self != '${name}'`).join(' && ') || 'true',
    message: `${modesWithoutBroker.join(' and ')} trading needs a broker, which the platform does not have yet: use ${modesWithBroker.join(' or ')}`,
    check: (value) => !modesWithoutBroker.includes(value),
  }).describe('paper: orders are filled at the market price, without real money'),
  paused: z
    .boolean()
    .default(false)
    .describe('While true, no signal, schedule or call starts the pipeline, and executions that run place no orders'),
});
