import type { DataFrame, Field, FieldConfig, FieldType } from '@grafana/data';
import type { RenderedPanel } from '#dashboards/rendered-dashboard.ts';
import { grafana, theme } from './grafana.ts';
import type { Line, Window } from './read-panel.ts';

const type = (name: `${FieldType}`) => name as FieldType;

/** Builds a data frame for each series with all its points, as Grafana passes them to a panel that draws lines. */
export async function buildSeriesFrames(
  panel: RenderedPanel,
  lines: readonly Line[],
  window: Window,
): Promise<DataFrame[]> {
  const frames = lines.map(({ refId, name, labels, values }) => {
    const times = values.map((_, index) => (window.from + index * window.step) * 1_000);
    return grafana.toDataFrame({
      refId,
      fields: [
        { name: 'Time', type: type('time'), values: times },
        { name: 'Value', type: type('number'), labels, values: [...values], config: { displayNameFromDS: name } },
      ],
    });
  });
  return configureFields(panel, frames);
}

/**
 * Builds a data frame for each query, with a row for each series and its last value, as Grafana does for a query in table
 * format. Then applies the panel's transformations.
 */
export async function buildTableFrames(
  panel: RenderedPanel,
  lines: readonly Line[],
  window: Window,
): Promise<DataFrame[]> {
  const current = lines.filter(({ values }) => values.at(-1) !== null);
  const targets = panel.targets ?? [];
  const frames = targets.map(({ refId }) => {
    const rows = current.filter((line) => line.refId === refId);
    const labels = [...new Set(rows.flatMap(({ labels: own }) => Object.keys(own)))];
    return grafana.toDataFrame({
      refId,
      fields: [
        { name: 'Time', type: type('time'), values: rows.map(() => window.to * 1_000) },
        ...labels.map((label) => ({
          name: label,
          type: type('string'),
          values: rows.map((row) => row.labels[label] ?? ''),
        })),
        {
          name: targets.length > 1 ? `Value #${refId}` : 'Value',
          type: type('number'),
          values: rows.map(({ values }) => values.at(-1)),
        },
      ],
    });
  });
  const steps = (panel.transformations ?? []) as Parameters<typeof grafana.transformDataFrame>[0];
  const transformed = await new Promise<DataFrame[]>((resolve, reject) => {
    grafana.transformDataFrame(steps, frames).subscribe({ next: resolve, error: reject });
  });
  return configureFields(panel, transformed);
}

/**
 * Sets the options of every field: first the panel's defaults, then its overrides, then the display processor, which
 * derives from both.
 */
function configureFields({ fieldConfig }: RenderedPanel, frames: DataFrame[]): DataFrame[] {
  const { defaults = {}, overrides = [] } = (fieldConfig ?? {}) as { defaults?: FieldConfig; overrides?: Override[] };
  let seriesIndex = 0;
  for (const frame of frames)
    for (const field of frame.fields) {
      const { links, ...config } = structuredClone(defaults);
      field.config = { ...config, ...field.config };
      field.state = { ...field.state, seriesIndex: field.type === 'number' ? seriesIndex++ : 0 };
      field.state.displayName = grafana.getFieldDisplayName(field, frame, frames);
      for (const { matcher, properties } of overrides)
        if (matchesField(matcher, field, frame, frames))
          for (const { id, value } of properties) setOption(field.config, id, value);
      field.display = grafana.getDisplayProcessor({ field, theme });
    }
  return frames;
}

interface Override {
  readonly matcher: { readonly id: string; readonly options: unknown };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

function matchesField(matcher: Override['matcher'], field: Field, frame: DataFrame, frames: DataFrame[]): boolean {
  return grafana.fieldMatchers.get(matcher.id).get(matcher.options)(field, frame, frames);
}

/** Sets an option by its dotted path: `custom.axisLabel` is the field axisLabel of `custom`. */
function setOption(config: FieldConfig, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() as string;
  let at = config as Record<string, unknown>;
  for (const name of names) {
    at[name] = { ...(at[name] as object) };
    at = at[name] as Record<string, unknown>;
  }
  at[last] = value;
}

/** Returns the field of a frame that contains its numbers. */
export function valuesOf(frame: DataFrame): Field<number | null> {
  return frame.fields.find((field) => field.type === 'number') as Field<number | null>;
}
