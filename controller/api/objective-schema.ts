/** The part of the schema that says what an objective is. Pure. */
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

/** Stands in an expression of a user's own indicator for the time over which it counts. */
export const WINDOW_PLACEHOLDER = '$window';

const latencyBounds = metrics.pipeline_execution_duration_seconds.buckets;
/** A latency can only be told from others at a bound of the histogram. */
const latencies = latencyBounds.map(formatBound) as [string, ...string[]];

function formatBound(seconds: number): string {
  if (!Number.isInteger(seconds)) return `${seconds * 1_000}ms`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}

/** The bound in seconds that `below` names. */
export function latencySeconds(below: string): number {
  return latencyBounds[latencies.indexOf(below)] ?? Number.NaN;
}

const eventsText = z.string().min(1).max(4_096);
const howToCount =
  'a selector of counters, whose growth is counted exactly, such as my_requests_total{code=~"5.."}; ' +
  `or an expression with ${WINDOW_PLACEHOLDER} that answers their number in that time, such as ` +
  `increase(my_requests_total[${WINDOW_PLACEHOLDER}])`;

const customSchema = withRules(
  z.object({
    total: eventsText.describe(`All events: ${howToCount}`),
    good: eventsText.optional().describe('The good ones among them, counted like total'),
    bad: eventsText.optional().describe('The bad ones among them, counted like total, instead of good'),
  }),
  {
    cel: 'has(self.good) != has(self.bad)',
    message: 'exactly one of good and bad is required',
    check: ({ good, bad }) => (good !== undefined) !== (bad !== undefined),
  },
);
export type CustomIndicator = z.output<typeof customSchema>;

const indicatorFields = {
  pipelineSuccess: z.object({}).optional().describe('Pipeline executions that succeed, of those that end'),
  pipelineLatency: z
    .object({
      below: z.enum(latencies).default('10s').describe('The longest that is good: a bound of the histogram'),
    })
    .optional()
    .describe('Pipeline executions that end in time'),
  publishSuccess: z.object({}).optional().describe('Attempts to publish a signal to Kafka that succeed'),
  apiAvailability: z.object({}).optional().describe('HTTP requests that are not answered by a 5xx'),
  custom: customSchema.optional().describe('Events of your own'),
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
  return z.object(fields).prefault({}).describe(`${name}: ${about}: ${when} as fast as it may`);
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
    .describe('Least number of events in the long window; fewer never fire: one failure out of one is no outage'),
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
        `Name of the objective; becomes its label \`objective\`. ${objectiveNames.join(', ')} need nothing else`,
      ),
    target: z
      .number()
      .gt(0)
      .lt(100)
      .optional()
      .describe(`Percent of the events that must be good. Default: ${defaultTargets}; required for others`),
    window: z.enum(objectiveWindows).default('30d').describe('Over how long it is promised'),
    indicator: indicatorSchema
      .optional()
      .describe(`What is counted. Default for ${objectiveNames.join(', ')}: what their names say; required for others`),
    alerting: alertingSchema.prefault({}).describe('The alerts on how fast its error budget burns'),
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
