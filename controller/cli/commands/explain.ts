import { readFileSync } from 'node:fs';
import path from 'node:path';
import { findNearest } from '#base/find-nearest.ts';
import { type CommandIo, type ExitCode, exitCodes, Failure, type OutputFormat, printValue } from '../command-io.ts';
import { explainAlert, explainedAlerts, findAlert, formatExplanation } from '../explain-alert.ts';

export interface ExplainOptions {
  /** Output format. Prints text if absent. */
  readonly output?: OutputFormat;
}

const runbooksFile = path.join(import.meta.dirname, '..', '..', '..', 'docs', 'runbooks', 'alerts.md');

export function handleExplain(name: string, { output }: ExplainOptions, io: CommandIo): ExitCode {
  const alert = findAlert(name);
  if (!alert) {
    const nearest = findNearest(name, explainedAlerts);
    const meant = nearest ? ` (do you mean ${nearest}?)` : '';
    throw new Failure(`the platform has no alert ${name}${meant}. Its alerts are ${explainedAlerts.join(', ')}`);
  }
  const explanation = explainAlert(alert, readFileSync(runbooksFile, 'utf8'));
  io.out(output ? printValue(explanation, output) : formatExplanation(explanation));
  return exitCodes.ok;
}
