import type { Onward } from './kinds/tile.ts';

/**
 * Links from a series or a row to the same dashboard, narrowed to the pipeline, service or type of signal of that
 * series or row.
 */
export const toPipelineOfSeries = toPipeline(`\${__field.labels.pipeline_id}`);
/** A bot is a pipeline that trades; its id is the id of the pipeline. */
export const toPipelineOfBot = toPipeline(`\${__field.labels.bot_id}`);
export const toPipelineOfRow = toPipeline(`\${__data.fields.Pipeline}`);
export const toSignalTypeOfSeries: Onward = {
  title: 'Narrow to this type of signal',
  variable: 'signal_type',
  value: `\${__field.labels.signal_type}`,
};
export const toServiceOfSeries = toService(`\${__field.labels.job}`);
export const toServiceOfRow = toService(`\${__data.fields.Service}`);

export function toService(value: string): Onward {
  return { title: 'Narrow to this service', variable: 'service', value };
}

function toPipeline(value: string): Onward {
  return { title: 'Narrow to this pipeline', variable: 'pipeline_id', value };
}

/** Builds the URL of a link that sets one variable, and keeps the time range and all other variables of the dashboard. */
export function buildUrl({ variable, value }: Onward, variables: readonly string[]): string {
  const kept = variables.filter((name) => name !== variable).map((name) => `\${${name}:queryparam}`);
  // The uid is a variable so that a copy of the dashboard links to itself, not to the original.
  return `/d/\${__dashboard.uid}?${[`var-${variable}=${value}`, ...kept, `\${__url_time_range}`].join('&')}`;
}
