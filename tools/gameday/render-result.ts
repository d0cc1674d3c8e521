/** Renders the result of a game day as Markdown tables. */
import type { GameDayResult } from './run-drills.ts';

/** @param describeShortening returns for an alert which of its durations and thresholds were changed for the game day */
export function renderResult(
  { alerts, falseAlarms, inhibited }: GameDayResult,
  describeShortening: (alert: GameDayResult['alerts'][number]['alert']) => string,
): string {
  const rows = alerts.map(({ drill, alert, firedAfter, resolvedAfter }) =>
    row([
      drill.fault,
      alert,
      firedAfter ?? 'NOT',
      resolvedAfter ?? 'NOT',
      describeShortening(alert),
      (inhibited.get(drill.name) ?? []).join(', '),
    ]),
  );
  const wrong = falseAlarms.map(({ alert, labels, during }) =>
    row([alert, labels.service ?? labels.pipeline_id ?? '', during.join(', ') || 'before any fault']),
  );
  return [
    ...table(['provoked by', 'alert', 'fired after s', 'resolved after s', 'shortened', 'inhibited meanwhile'], rows),
    '',
    summarise({ alerts, falseAlarms, inhibited }),
    ...(wrong.length > 0 ? ['', ...table(['false alarm', 'of', 'during'], wrong)] : []),
  ].join('\n');
}

/** Whether every alert fired and ended, and no other alert fired. */
export function isGood({ alerts, falseAlarms }: GameDayResult): boolean {
  return falseAlarms.length === 0 && alerts.every(({ resolvedAfter }) => resolvedAfter !== undefined);
}

function summarise({ alerts, falseAlarms }: GameDayResult): string {
  const fired = alerts.filter(({ firedAfter }) => firedAfter !== undefined).length;
  const resolved = alerts.filter(({ resolvedAfter }) => resolvedAfter !== undefined).length;
  return `${alerts.length} alerts provoked, ${fired} fired, ${resolved} resolved, ${falseAlarms.length} false alarms.`;
}

function table(head: readonly string[], rows: readonly string[]): string[] {
  return [row(head), row(head.map(() => '---')), ...rows];
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}
