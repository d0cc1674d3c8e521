import { z } from 'zod';

/** What the controller says of a TradingPipeline. */
export const conditionSchema = z.object({
  type: z.string().describe('What is said'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it is so'),
  reason: z.string().describe('Why, in one word; each has a remedy in the documentation'),
  message: z.string().describe('Why, in a sentence'),
  lastTransitionTime: z.string().meta({ format: 'date-time' }).describe('When the status last changed'),
  observedGeneration: z.number().int().describe('Generation of the resource that this was said of'),
});
export type Condition = z.output<typeof conditionSchema>;

export const tradingPipelineStatusSchema = z
  .object({
    observedGeneration: z
      .number()
      .int()
      .optional()
      .describe('Generation of the resource that the controller has last acted on'),
    conditions: z
      .array(conditionSchema)
      .optional()
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
      .describe(
        'Ready; Reconciling and Stalled while they are True; ServicesResolved, MonitorsSelected, TargetsUp, RulesLoaded, DashboardsReady, PipelineRegistered and Conflict where they apply',
      ),
    summary: z
      .object({
        services: z.string().optional().describe('Services with at least one ready endpoint, of those listed: 4/4'),
        alerts: z.number().int().optional().describe('Alerting rules made'),
        budget: z.string().optional().describe('The least that is left of an error budget among the objectives: 87%'),
        dashboards: z.number().int().optional().describe('Dashboards made'),
      })
      .optional()
      .describe('What `kubectl get` shows'),
    services: z
      .array(
        z.object({
          name: z.string(),
          endpoints: z.number().int().describe('Ready endpoints that serve the port'),
        }),
      )
      .optional()
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
      .describe('The listed services, as found in the cluster'),
    alerts: z
      .object({
        firing: z.number().int().describe('Alerts of this resource that fire now'),
        names: z
          .array(z.string())
          .optional()
          .meta({ 'x-kubernetes-list-type': 'set' })
          .describe('Names of alerts that fire, the first ten by name'),
      })
      .optional()
      .describe('What Prometheus says of the alerts; absent while it does not answer'),
    objectives: z
      .array(
        z.object({
          name: z.string().describe('Name of the objective'),
          target: z.number().describe('Percent of events that must be good'),
          current: z.number().optional().describe('Percent of events that were good within the window'),
          budgetRemaining: z
            .number()
            .optional()
            .describe('Percent of the error budget that is left; below 0 when more than all of it is spent'),
          burnRate: z
            .number()
            .optional()
            .describe('How many times faster than sustainable the budget is spent, over the last hour'),
        }),
      )
      .optional()
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
      .describe('Each objective, as Prometheus has it; absent while it does not answer'),
    executions: z
      .object({
        total: z.number().int().describe('Executions of the pipeline that have ended, well or badly'),
        failed: z.number().int().describe('Those of them that failed'),
        last: z.string().meta({ format: 'date-time' }).optional().describe('When the last one ended, to the minute'),
      })
      .optional()
      .describe('What became of the pipeline, as the backend has it; absent while it does not answer'),
    resources: z
      .array(
        z.object({ kind: z.string().describe('Kind of the object'), name: z.string().describe('Name of the object') }),
      )
      .optional()
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe('The objects that exist for this resource'),
  })
  .describe('What the controller found and did');
export type TradingPipelineStatus = z.output<typeof tradingPipelineStatusSchema>;
