/** The schema of `spec.objectives`. Pure. */
import { z } from 'zod';
import { type Severity, severities } from '#catalogue/alerts.ts';
import { metrics } from '#catalogue/metrics.ts';
import {
  type ObjectiveAlertName,
  objectiveAlerts,
  objectiveDefinition,
  objectiveNames,
  objectiveWindows,
} from '#catalogue/objectives.ts';
import { celList, listMap, withRules } from './schema-rules.ts';

/** The placeholder, in the expression of a custom indicator, for the time range over which events are counted. */
export const WINDOW_PLACEHOLDER = '$window';

const latencyBounds = metrics.pipeline_execution_duration_seconds.buckets;
/**
 * The limits that a latency objective can choose. They are the histogram's bucket bounds, because a histogram only counts the
 * events below each bound.
 */
const latencies = latencyBounds.map(formatBound) as [string, ...string[]];

function formatBound(seconds: number): string {
  if (!Number.isInteger(seconds)) return `${seconds * 1_000}ms`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

/** Returns the bucket bound, in seconds, of a latency limit such as `10s`; NaN if the limit is not a bucket bound. */
export function latencySeconds(below: string): number {
  return latencyBounds[latencies.indexOf(below)] ?? Number.NaN;
}

const eventsText = z.string().min(1).max(4_096);
const howToCount =
  'a selector of counters, whose increase is counted exactly, such as my_requests_total{code=~"5.."}; ' +
  `or an expression with ${WINDOW_PLACEHOLDER} that returns the number of events in that time range, such as ` +
  `increase(my_requests_total[${WINDOW_PLACEHOLDER}]); the rate of events per second is converted`;

const customSchema = withRules(
  z.object({
    total: eventsText.describe(`All events: ${howToCount}`),
    good: eventsText.optional().describe('The good events among them, in the same form as total'),
    bad: eventsText.optional().describe('The bad events among them, in the same form as total; instead of good'),
  }),
  {
    cel: 'has(self.good) != has(self.bad)',
    message: 'exactly one of good and bad is required',
    check: ({ good, bad }) => (good !== undefined) !== (bad !== undefined),
  },
);
export type CustomIndicator = z.output<typeof customSchema>;

const indicatorFields = {
  pipelineSuccess: z.object({}).optional().describe('Counts finished pipeline executions; those that succeed are good'),
  pipelineLatency: z
    .object({
      below: z
        .enum(latencies)
        .default('10s')
        .describe('Longest duration that is good; one of the bounds of the histogram'),
    })
    .optional()
    .describe('Counts pipeline executions; those that end within the given duration are good'),
  publishSuccess: z
    .object({})
    .optional()
    .describe('Counts attempts to publish a signal to Kafka; those that succeed are good'),
  apiAvailability: z
    .object({})
    .optional()
    .describe('Counts HTTP requests; those that are not answered with 5xx are good'),
  custom: customSchema.optional().describe('Counts events of your own'),
};
const indicatorKinds = Object.keys(indicatorFields);

const indicatorSchema = withRules(z.object(indicatorFields), {
  cel: `[${indicatorKinds.map((kind) => `has(self.${kind})`).join(', ')}].exists_one(given, given)`,
  message: `exactly one of ${indicatorKinds.join(', ')} is required`,
  check: (indicator) => Object.values(indicator).filter((value) => value !== undefined).length === 1,
});
export type IndicatorSpec = z.output<typeof indicatorSchema>;

function burnAlertSchema(name: ObjectiveAlertName) {
  const { severity, windows, about } = objectiveAlerts[name];
  const when = windows.map(({ factor, long, short }) => `${factor} times over ${long} and ${short}`).join(', or ');
  const fields = {
    enabled: z.boolean().default(true).describe('Whether the rule exists'),
    severity: z.enum(severities).default(severity).describe('Value of the label `severity`'),
  };
  return z.object(fields).prefault({}).describe(`${name}: ${about}: ${when} the sustainable rate`);
}

export interface BurnAlertSpec {
  readonly enabled: boolean;
  readonly severity: Severity;
}

const alertingSchema = z.object({
  page: burnAlertSchema('ObjectiveBurnsFast'),
  ticket: burnAlertSchema('ObjectiveBurnsSlowly'),
  minEvents: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(5)
    .describe('Least number of events in the long window for an alert to fire: one failure out of one is no outage'),
});

const known = celList(objectiveNames);
const isKnown = (name: string) => (objectiveNames as string[]).includes(name);
const defaultTargets = objectiveNames.map((name) => `${name} ${objectiveDefinition(name).target * 100}`).join(', ');

const objectiveSchema = withRules(
  z.object({
    name: z
      .string()
      .min(1)
      .max(63)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be lower case letters, digits and -')
      .describe(
        `Name of the objective, and the value of its label \`objective\`. ${objectiveNames.join(', ')} need no other field`,
      ),
    target: z
      .number()
      .gt(0)
      .lt(100)
      .optional()
      .describe(`Percentage of events that must be good. Default: ${defaultTargets}; required for others`),
    window: z.enum(objectiveWindows).default('30d').describe('Period over which the target must be met'),
    indicator: indicatorSchema
      .optional()
      .describe(
        `The events that are counted. Default for ${objectiveNames.join(', ')}: the indicator of that name; required for others`,
      ),
    alerting: alertingSchema.prefault({}).describe('The alerts on the burn rate of the error budget'),
  }),
  {
    cel: `self.name in ${known} || has(self.target)`,
    message: `a target is required for an objective that is not one of ${objectiveNames.join(', ')}`,
    check: ({ name, target }) => isKnown(name) || target !== undefined,
    field: 'target',
  },
  {
    cel: `self.name in ${known} || has(self.indicator)`,
    message: `an indicator is required for an objective that is not one of ${objectiveNames.join(', ')}`,
    check: ({ name, indicator }) => isKnown(name) || indicator !== undefined,
    field: 'indicator',
  },
);
export type ObjectiveSpec = z.output<typeof objectiveSchema>;

export const objectivesSchema = listMap(objectiveSchema, 'name', 50);
