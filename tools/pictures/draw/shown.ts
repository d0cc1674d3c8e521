import type { DisplayValue, Field } from '@grafana/data';
import { grafana, theme } from '../grafana.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Formats a value as Grafana shows it in this field of a data frame. */
export function show(field: Field, value: unknown): DisplayValue {
  return field.display!(value);
}

export function showText(field: Field, value: unknown): string {
  return escapeText(grafana.formattedValueToString(show(field, value)));
}

/** Reduces a field of a data frame to one value by one of Grafana's calculations, such as lastNotNull, mean or max. */
export function reduce(field: Field, calculation: string): number | null {
  // Grafana caches the results of earlier calls in the state of the field
  return grafana.reduceField({ field, reducers: [calculation] })[calculation] as number | null;
}

export function colorOfSeries(field: Field): string {
  return grafana.getFieldSeriesColor(field, theme).color;
}

export function nameOf(field: Field): string {
  return escapeText(field.state?.displayName ?? field.name);
}

export function sayNothing(text: string): string {
  return `<div class="nothing">${escapeText(text)}</div>`;
}

/** Lists round numbers in the field's unit that divide a range into about `parts` parts. */
export function listTicks({ config }: Field, [low, high]: readonly [number, number], parts: number): number[] {
  const rough = (high - low) / parts || 1;
  const isBinary = config.unit === 'bytes' && rough > 1;
  const power = isBinary ? 1_024 ** Math.floor(Math.log(rough) / Math.log(1_024)) : 10 ** Math.floor(Math.log10(rough));
  const factors = isBinary ? [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024] : [1, 2, 5, 10];
  const step = factors.map((factor) => factor * power).find((one) => one >= rough)!;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, index) => (first + index) * step);
}
