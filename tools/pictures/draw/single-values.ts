import type { DataFrame, DisplayValue, Field } from '@grafana/data';
import { valuesOf } from '../build-frames.ts';
import { grafana, theme } from '../grafana.ts';
import { colorOfSeries, escapeText, nameOf, reduce, type Size, show } from './shown.ts';

interface One {
  readonly field: Field;
  readonly value: number | null;
  readonly shown: DisplayValue;
  readonly text: string;
  readonly color: string;
}

function readValues(frames: readonly DataFrame[]): One[] {
  return frames.map((frame) => {
    const field = valuesOf(frame);
    const value = reduce(field, 'lastNotNull');
    const shown = show(field, value);
    return { field, value, shown, text: escapeText(grafana.formattedValueToString(shown)), color: shown.color ?? '' };
  });
}

/** Draws a large number for each series, with its colour on the number or behind it, and a graph of its history if the panel has one. */
export function drawStat(frames: readonly DataFrame[], size: Size, options: Readonly<Record<string, unknown>>): string {
  const ones = readValues(frames);
  const column = options.orientation !== 'vertical' && size.height > size.width;
  const each = column ? size.height / ones.length : size.height;
  const tiles = ones.map(({ field, text, color }) => {
    const onBackground = options.colorMode === 'background';
    const style = onBackground ? `background:${color};color:#fff` : `color:${color}`;
    const font = Math.min(
      44,
      each * 0.42,
      ((column ? size.width : size.width / ones.length) / Math.max(4, text.length)) * 1.5,
    );
    const name = ones.length > 1 || options.textMode === 'value_and_name' ? `<small>${nameOf(field)}</small>` : '';
    const graph = options.graphMode === 'area' ? drawSpark(field, color) : '';
    return `<div class="tile" style="${style}">${graph}${name}<span style="font-size:${font}px">${text}</span></div>`;
  });
  return `<div class="tiles" style="flex-direction:${column ? 'column' : 'row'}">${tiles.join('')}</div>`;
}

function drawSpark({ values }: Field, color: string): string {
  const numbers = values.filter((value) => value !== null) as number[];
  if (numbers.length < 2) return '';
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const points = numbers.map(
    (value, index) => `${(index / (numbers.length - 1)) * 100},${40 - ((value - low) / (high - low || 1)) * 36}`,
  );
  return `<svg class="spark" viewBox="0 0 100 40" preserveAspectRatio="none"><polygon points="0,40 ${points.join(' ')} 100,40" fill="${color}" opacity="0.25"/><polyline points="${points.join(' ')}" fill="none" stroke="${color}" vector-effect="non-scaling-stroke"/></svg>`;
}

/** Draws an arc for each series, with a thin arc of the thresholds around it. */
export function drawGauge(frames: readonly DataFrame[], { width, height }: Size): string {
  const ones = readValues(frames);
  const [w, r] = [width / ones.length, Math.min(width / ones.length / 2, height * 0.62) - 12];
  return `<div class="tiles">${ones.map((one) => drawArcs(one, { w, r, height })).join('')}</div>`;
}

function drawArcs(
  { field, value, text, color }: One,
  { w, r, height }: { w: number; r: number; height: number },
): string {
  const { thresholds } = field.config;
  const [min, max] = [field.config.min ?? 0, field.config.max ?? 100];
  const share = (number: number) => Math.min(1, Math.max(0, (number - min) / (max - min)));
  const [cx, cy] = [w / 2, Math.min(height - 30, r + 14)];
  const arc = (from: number, to: number, radius: number, thick: number, stroke: string) => {
    const at = (part: number) => {
      const angle = Math.PI * (1.1 - 1.2 * part);
      return `${cx + radius * Math.cos(angle)},${cy - radius * Math.sin(angle)}`;
    };
    const isLong = (to - from) * 1.2 > 1 ? 1 : 0;
    return `<path d="M${at(from)}A${radius},${radius} 0 ${isLong} 1 ${at(to)}" fill="none" stroke="${stroke}" stroke-width="${thick}"/>`;
  };
  const steps = thresholds?.steps ?? [];
  const rim = steps.map((step, index) =>
    arc(
      share(Math.max(step.value, min)),
      share(steps[index + 1]?.value ?? max),
      r,
      4,
      theme.visualization.getColorByName(step.color),
    ),
  );
  const bar = value === null ? '' : arc(0, share(value), r - 14, 18, color);
  return `<svg width="${w}" height="${height}">${arc(0, 1, r - 14, 18, theme.colors.background.secondary)}${bar}${rim.join('')}<text x="${cx}" y="${cy + 4}" text-anchor="middle" style="font-size:${Math.min(30, r / 2.6)}px;fill:${color}">${text}</text></svg>`;
}

/** Draws a bar for each series, on a scale up to the panel's maximum or, if the panel sets none, the largest value. */
export function drawBarGauge(
  frames: readonly DataFrame[],
  { width, height }: Size,
  options: Readonly<Record<string, unknown>>,
): string {
  const ones = readValues(frames);
  const numbers = ones.map(({ value }) => value ?? 0);
  const low = ones[0]!.field.config.min ?? Math.min(...numbers);
  const high = ones[0]!.field.config.max ?? Math.max(...numbers);
  const share = (value: number) => ((value - low) / (high - low || 1)) * 100;
  const isUpright = options.orientation === 'vertical';
  const room = Math.max(16, Math.min(40, height / ones.length - 6));
  const shown = isUpright ? ones : ones.slice(0, Math.max(1, Math.floor(height / 22)));
  const bars = shown.map(({ field, value, text, color }) => {
    const fill = `linear-gradient(${isUpright ? 'to top' : 'to right'}, ${color}44, ${color})`;
    const length = `${Math.max(0, share(value ?? 0)).toFixed(1)}%`;
    return isUpright
      ? `<div class="column"><em style="color:${color}">${text}</em><p><u style="height:${length};background:${fill}"></u></p><i>${nameOf(field)}</i></div>`
      : `<div class="bar" style="height:${room}px"><i style="max-width:${width * 0.45}px">${nameOf(field)}</i><p><u style="width:${length};background:${fill}"></u></p><em style="color:${color}">${text}</em></div>`;
  });
  const more = ones.length - shown.length;
  return `<div class="${isUpright ? 'columns' : 'bars'}">${bars.join('')}${more > 0 ? `<small>${more} more</small>` : ''}</div>`;
}

/** Draws a ring with a part for each series, and a table of their shares. */
export function drawPieChart(frames: readonly DataFrame[], { width, height }: Size): string {
  const ones = readValues(frames).filter(({ value }) => (value ?? 0) > 0);
  const total = ones.reduce((sum, { value }) => sum + (value ?? 0), 0);
  const r = Math.min(height, width * 0.42) / 2 - 8;
  let from = 0;
  const parts = ones.map(({ field, value }) => {
    const share = (value ?? 0) / total;
    const length = 2 * Math.PI * r * 0.8;
    const ring = `<circle cx="${r + 6}" cy="${height / 2}" r="${r * 0.8}" fill="none" stroke="${colorOfSeries(field)}" stroke-width="${r * 0.4}" stroke-dasharray="${share * length} ${length}" stroke-dashoffset="${-from * length}"/>`;
    from += share;
    return ring;
  });
  const rows = ones.map(
    ({ field, value, text }) =>
      `<tr><td><b style="background:${colorOfSeries(field)}"></b>${nameOf(field)}</td><td>${text}</td><td>${Math.round(((value ?? 0) / total) * 100)}%</td></tr>`,
  );
  return `<div class="pie"><svg width="${2 * r + 16}" height="${height}">${parts.join('')}</svg><table class="legend"><tr><th>Name</th><th>Value</th><th>Percent</th></tr>${rows.join('')}</table></div>`;
}
