import { z } from 'zod';

/** The schema of one condition in a TradingPipeline's status. The controller writes the status. */
const conditionSchema = z.object({
  type: z.string().describe('Type of the condition'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether the condition holds'),
  reason: z.string().describe('Reason in one word; docs/conditions.md gives a remedy for each'),
  message: z.string().describe('Reason in a sentence'),
  lastTransitionTime: z.string().meta({ format: 'date-time' }).describe('When the status last changed'),
  observedGeneration: z.number().int().describe('Generation of the resource that the condition describes'),
});
export type Condition = z.output<typeof conditionSchema>;

export const tradingPipelineStatusSchema = z
  .object({
    observedGeneration: z
      .number()
      .int()
      .optional()
      .describe('Latest generation of the resource that the controller has acted on'),
    conditions: z
      .array(conditionSchema)
      .optional()
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
      .describe(
        'Ready; Reconciling and Stalled while they are True; ServicesResolved, MonitorsSelected, TargetsUp, RulesLoaded, DashboardsReady, PipelineRegistered, Conflict and ForeignFields if they apply',
      ),
    summary: z
      .object({
        services: z
          .string()
          .optional()
          .describe('Services with at least one ready endpoint, of all that are listed: 4/4'),
        alerts: z.number().int().optional().describe('Number of alerting rules'),
        budget: z.string().optional().describe('Error budget left, of the objective with the least: 87%'),
        dashboards: z.number().int().optional().describe('Number of dashboards'),
      })
      .optional()
      .describe('Figures that `kubectl get` shows'),
    services: z
      .array(
        z.object({
          name: z.string(),
          endpoints: z.number().int().describe('Number of ready endpoints that serve the port'),
        }),
      )
      .optional()
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
      .describe('The listed services, as found in the cluster'),
    alerts: z
      .object({
        firing: z.number().int().describe('Number of alerts of this resource that fire'),
        names: z
          .array(z.string())
          .optional()
          .meta({ 'x-kubernetes-list-type': 'set' })
          .describe('Names of the firing alerts, the first ten in alphabetical order'),
      })
      .optional()
      .describe('State of the alerts in Prometheus; absent while Prometheus does not answer'),
    objectives: z
      .array(
        z.object({
          name: z.string().describe('Name of the objective'),
          target: z.number().describe('Percentage of events that must be good'),
          current: z.number().optional().describe('Percentage of events in the window that were good'),
          budgetRemaining: z
            .number()
            .optional()
            .describe('Percentage of the error budget that is left; negative if the budget is overspent'),
          burnRate: z
            .number()
            .optional()
            .describe('Burn rate over the last hour: 1 spends the budget exactly within the window'),
        }),
      )
      .optional()
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
      .describe('State of each objective in Prometheus; absent while Prometheus does not answer'),
    executions: z
      .object({
        total: z.number().int().describe('Number of finished executions of the pipeline'),
        failed: z.number().int().describe('Number of finished executions that failed'),
        last: z
          .string()
          .meta({ format: 'date-time' })
          .optional()
          .describe('When the last execution ended, to the minute'),
      })
      .optional()
      .describe('Executions of the pipeline, counted by the backend; absent while the backend does not answer'),
    resources: z
      .array(
        z.object({ kind: z.string().describe('Kind of the object'), name: z.string().describe('Name of the object') }),
      )
      .optional()
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .describe('The objects that exist for this resource'),
  })
  .describe('The state that the controller observed');
export type TradingPipelineStatus = z.output<typeof tradingPipelineStatusSchema>;
