import { z } from 'zod';
import { type AgentName, agentNames, agents } from '../agents/agents.ts';
import { tickerSchema, timeframes } from '../market/bar.ts';
import { tradingModes } from '../orders/order.ts';
import { signalTypeNames } from '../signals/signal-types.gen.ts';
import { scheduleSchema, timeZoneSchema } from './schedule.ts';

const usd = z.number().positive().max(1_000_000_000);

export const signalSubscriptionSchema = z.object({
  type: z.enum(signalTypeNames).describe('Kind of signal that starts the pipeline'),
  timeframe: z.enum(timeframes).optional().describe('Only signals of this bar length; all when absent'),
  minConfidence: z.number().min(0).max(100).default(0).describe('Least confidence of the signal, 0 to 100'),
});

export const triggerSchema = z.discriminatedUnion('mode', [
  z.object({
    mode: z.literal('signal'),
    signals: z.array(signalSubscriptionSchema).min(1).max(50).describe('Any of these starts the pipeline'),
  }),
  z.object({ mode: z.literal('periodic'), schedule: scheduleSchema, timeZone: timeZoneSchema.default('UTC') }),
  z.object({ mode: z.literal('manual') }),
]);

/**
 * Returns the index of the first stage whose agent requires an earlier stage that is not there, and the agent of the
 * missing stage. Returns undefined if every stage has the earlier stages that it requires.
 */
function stageOutOfOrder(stages: readonly { agent: AgentName }[]): { index: number; missing: AgentName } | undefined {
  const seen = new Set<string>();
  for (const [index, { agent }] of stages.entries()) {
    const missing = agents[agent].requires.find((required) => !seen.has(required));
    if (missing) return { index, missing };
    seen.add(agent);
  }
  return undefined;
}

const stagesSchema = z
  .array(z.object({ agent: z.enum(agentNames).describe('The agent of this stage') }))
  .min(1)
  .max(agentNames.length)
  .superRefine((stages, context) => {
    const wrong = stageOutOfOrder(stages);
    if (wrong) {
      const agent = stages[wrong.index]?.agent;
      const message = `${agent} needs a ${wrong.missing} stage before it`;
      context.addIssue({ code: 'custom', path: [wrong.index, 'agent'], message });
    }
    const names = stages.map((stage) => stage.agent);
    const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
    if (twice >= 0) {
      context.addIssue({ code: 'custom', path: [twice, 'agent'], message: `${names[twice]} stands twice` });
    }
  })
  .default(agentNames.map((agent) => ({ agent })));

/** The definition of a pipeline: in the body of the API, and in `spec.pipeline` of a TradingPipeline. */
export const pipelineSchema = z.object({
  trigger: triggerSchema.describe('What starts the pipeline'),
  tickers: z.array(tickerSchema).min(1).max(1_000).describe('The instruments it trades'),
  stages: stagesSchema.describe('The agents it runs, in order'),
  risk: z
    .object({
      maxPositionUsd: usd.default(10_000).describe('Largest value of one position, USD'),
      maxDailyLossUsd: usd.default(1_000).describe('No new position after losing this much in one UTC day, USD'),
      maxDrawdown: z
        .number()
        .gt(0)
        .max(1)
        .default(0.2)
        .describe('No new position below this fall from the peak, 0 to 1'),
    })
    .prefault({})
    .describe('Limits, held in code before every order'),
  budget: z
    .object({ dailyUsd: usd.describe('Most model cost a UTC day, USD') })
    .optional()
    .describe('Limit of model cost; none when absent'),
  mode: z.enum(tradingModes).default('paper').describe('paper fills at the market price; live needs a broker'),
});
export type PipelineDefinition = z.infer<typeof pipelineSchema>;
export type SignalSubscription = z.infer<typeof signalSubscriptionSchema>;
