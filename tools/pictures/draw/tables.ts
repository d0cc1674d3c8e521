import type { DataFrame, Field } from '@grafana/data';
import { theme } from '../grafana.ts';
import { listTicks, nameOf, type Size, show, showText } from './shown.ts';

const ROW = 26;

interface SortBy {
  readonly displayName: string;
  readonly desc: boolean;
}

/** Draws a table, sorted by the column that the panel sorts by. */
export function drawTable(
  [frame]: readonly DataFrame[],
  { height }: Size,
  options: Readonly<Record<string, unknown>>,
): string {
  const fields = frame!.fields;
  const rows = sortRows(frame!, options.sortBy as readonly SortBy[] | undefined);
  const shown = rows.slice(0, Math.max(1, Math.floor(height / ROW) - 1));
  const head = fields.map(drawHeading).join('');
  const body = shown.map((row) => `<tr>${fields.map((field) => drawCell(field, row)).join('')}</tr>`);
  const more = rows.length - shown.length;
  return `<table class="rows"><tr>${head}</tr>${body.join('')}</table>${more > 0 ? `<small>${more} more</small>` : ''}`;
}

function sortRows({ fields, length }: DataFrame, sortBy: readonly SortBy[] = []): number[] {
  const rows = Array.from({ length }, (_, index) => index);
  const [by] = sortBy;
  const field = fields.find((one) => one.state?.displayName === by?.displayName);
  if (!by || !field) return rows;
  return rows.sort((one, other) => (field.values[one] - field.values[other]) * (by.desc ? -1 : 1));
}

function drawHeading(field: Field): string {
  const { width } = (field.config.custom ?? {}) as { width?: number };
  return `<th${width ? ` style="width:${width}px"` : ''}>${nameOf(field)}</th>`;
}

function drawCell(field: Field, row: number): string {
  const { cellOptions } = (field.config.custom ?? {}) as { cellOptions?: { type: string } };
  const { color } = show(field, field.values[row]);
  const style = cellOptions?.type === 'color-text' ? ` style="color:${color}"` : '';
  return `<td${style}>${showText(field, field.values[row])}</td>`;
}

const AXIS = 44;

/** Draws a dot for each row: the first column of numbers is x, the second is y. */
export function drawDots([frame]: readonly DataFrame[], { width, height }: Size): string {
  const [across, up] = frame!.fields.filter((field) => field.type === 'number') as [Field, Field];
  const left = 92;
  const ends = (field: Field) => [field.config.min ?? 0, Math.max(...field.values, 1e-6) * 1.1] as const;
  const [x0, x1] = ends(across);
  const [y0, y1] = ends(up);
  const x = (value: number) => left + ((value - x0) / (x1 - x0)) * (width - left - 12);
  const y = (value: number) => 8 + (1 - (value - y0) / (y1 - y0)) * (height - AXIS - 8);
  const label = (field: Field) => String((field.config.custom as { axisLabel?: string })?.axisLabel ?? '');
  const columns = listTicks(across, [x0, x1], 6).map(
    (tick) =>
      `<line x1="${x(tick)}" x2="${x(tick)}" y1="8" y2="${y(y0)}" class="grid"/><text x="${x(tick)}" y="${y(y0) + 16}" text-anchor="middle">${showText(across, tick)}</text>`,
  );
  const rows = listTicks(up, [y0, y1], 5).map(
    (tick) =>
      `<line x1="${left}" x2="${width}" y1="${y(tick)}" y2="${y(tick)}" class="grid"/><text x="${left - 6}" y="${y(tick) + 4}" text-anchor="end">${showText(up, tick)}</text>`,
  );
  const color = theme.visualization.getColorByName('blue');
  const dots = across.values.map(
    (value, index) =>
      `<circle cx="${x(value)}" cy="${y(up.values[index])}" r="5" fill="${color}" fill-opacity="0.5" stroke="${color}"/>`,
  );
  const names = `<text x="${(width + left) / 2}" y="${height - 4}" text-anchor="middle">${label(across)}</text><text transform="translate(12 ${(height - AXIS) / 2}) rotate(-90)" text-anchor="middle">${label(up)}</text>`;
  return `<svg width="${width}" height="${height}">${columns.join('')}${rows.join('')}${dots.join('')}${names}</svg>`;
}
