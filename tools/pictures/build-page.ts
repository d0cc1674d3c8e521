import type { RenderedDashboard, RenderedPanel } from '#dashboards/rendered-dashboard.ts';
import { escapeText } from './draw/shown.ts';
import { theme } from './grafana.ts';

export const WIDTH = 1_400;
const MARGIN = 8;
/** Height of a row of Grafana's grid in pixels: 30, plus the gap below the row. */
const ROW = 30 + MARGIN;
const TITLE = 28;
const HEAD = 46;

/** Returns the pixels that a panel has for its drawing, without its title and margins. */
export function sizeOf({ gridPos: { w, h } }: RenderedPanel): { width: number; height: number } {
  const column = (WIDTH - MARGIN) / 24;
  return { width: Math.floor(w * column - MARGIN - 18), height: h * ROW - MARGIN - TITLE - 10 };
}

export function heightOf({ panels }: RenderedDashboard): number {
  return HEAD + Math.max(...panels.map(({ gridPos: { y, h } }) => y + h)) * ROW + MARGIN;
}

/** Builds a page of HTML without scripts that shows a dashboard. @param drawn HTML of each panel's drawing, by panel id */
export function buildPage(dashboard: RenderedDashboard, drawn: ReadonlyMap<number, string>): string {
  const panels = dashboard.panels.map((panel) => placePanel(panel, drawn.get(panel.id) ?? ''));
  return `<!doctype html><meta charset="utf-8"><style>${style}</style>
<h1>${escapeText(dashboard.title)} <i>drawn from dashboards/rendered and a running platform's data; not a screenshot of Grafana</i></h1>${panels.join('\n')}`;
}

function placePanel({ type, title, gridPos: { x, y, w, h } }: RenderedPanel, drawing: string): string {
  const column = (WIDTH - MARGIN) / 24;
  const place = `left:${MARGIN + x * column}px;top:${HEAD + y * ROW}px;width:${w * column - MARGIN}px;height:${h * ROW - MARGIN}px`;
  if (type === 'row') return `<section class="row" style="${place}">⌄ ${escapeText(title)}</section>`;
  return `<section style="${place}"><h2>${escapeText(title)}</h2><div class="body">${drawing}</div></section>`;
}

const { background, text, border } = theme.colors;
const style = `
* { box-sizing: border-box; margin: 0 }
body { background: ${background.canvas}; color: ${text.primary}; font: 12px Inter, "DejaVu Sans", sans-serif; width: ${WIDTH}px }
h1 { font-size: 18px; font-weight: 500; padding: 12px ${MARGIN}px } h1 i { font-size: 12px; color: ${text.secondary}; float: right; padding-top: 5px }
section { position: absolute; background: ${background.primary}; border: 1px solid ${border.weak}; overflow: hidden }
section.row { background: none; border: 0; font-size: 15px; padding: 5px 4px }
h2 { font-size: 13px; font-weight: 500; padding: 7px 9px; height: ${TITLE}px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
.body { position: relative; margin: 0 8px; height: calc(100% - ${TITLE + 8}px); overflow: hidden }
.nothing { position: absolute; inset: 0; display: grid; place-items: center; color: ${text.secondary}; font-size: 15px; text-align: center }
svg { display: block } svg text { font-size: 11px; fill: ${text.secondary} } .grid { stroke: ${border.weak} }
table { width: 100%; border-collapse: collapse } th { text-align: left; font-weight: 500; color: ${theme.colors.primary.text} } th i { color: ${text.secondary}; font-weight: 400 }
td, th { white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
.legend td, .legend th { height: 20px; line-height: 19px; border-top: 1px solid ${border.weak} } .legend td + td, .legend th + th { text-align: right; width: 92px }
.legend { table-layout: fixed } .legend td b { display: inline-block; width: 14px; height: 4px; border-radius: 2px; margin: 0 7px 3px 0 }
.rows { table-layout: fixed } .rows td, .rows th { height: 26px; border-bottom: 1px solid ${border.weak}; padding: 0 6px }
.tiles { display: flex; gap: 4px; height: 100% } .tile { position: relative; flex: 1; display: flex; flex-direction: column; align-items: center; justify-content: center; font-weight: 500; border-radius: 2px }
.tile small, .tile span { position: relative } .tile small { font-size: 12px; opacity: 0.9 } .spark { position: absolute; inset: auto 0 0; width: 100%; height: 50% }
.bars { display: flex; flex-direction: column; justify-content: center; gap: 6px; height: 100% } .bar { display: grid; grid-template-columns: max-content 1fr 84px; gap: 8px; align-items: center }
.bars i, .columns i { font-style: normal; overflow: hidden; text-overflow: ellipsis; white-space: nowrap } .bars { display: grid; align-content: center; grid-template-columns: fit-content(45%) 1fr max-content; column-gap: 8px } .bar { display: contents }
.bar p, .bar i, .bar em { align-self: center } .bar p { background: ${background.secondary}; height: 100%; min-height: 14px } p u { display: block } .bar p u { height: 100% } em { font-style: normal; font-weight: 500; font-size: 14px }
.columns { display: flex; gap: 4px; height: 100% } .column { flex: 1; display: flex; flex-direction: column; align-items: center; min-width: 0 } .column p { flex: 1; width: 100%; background: ${background.secondary}; display: flex; align-items: flex-end } .column p u { width: 100% } .column em { font-size: 8px } .column i { font-size: 10px; max-width: 100% }
.pie { display: flex; align-items: center; gap: 8px; height: 100% } .pie svg { flex: none } .pie .legend { flex: 1; width: auto } small { color: ${text.secondary} }
`;
