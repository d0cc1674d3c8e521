import { readFileSync } from 'node:fs';
import path from 'node:path';
import { findNearest } from '#base/find-nearest.ts';
import type { CommandIo } from '../command-io.ts';
import { type ExitCode, exitCodes, Failure } from '../exit-codes.ts';
import { explainAlert, explainedAlerts, findAlert, formatExplanation } from '../explain-alert.ts';
import { type OutputFormat, printValue } from '../print-objects.ts';

export interface ExplainOptions {
  /** Text where absent. */
  readonly output?: OutputFormat;
}

const runbooksFile = path.join(import.meta.dirname, '..', '..', '..', 'docs', 'runbooks', 'alerts.md');

export function handleExplain(name: string, { output }: ExplainOptions, io: CommandIo): ExitCode {
  const alert = findAlert(name);
  if (!alert) {
    const nearest = findNearest(name, explainedAlerts);
    const meant = nearest ? ` (do you mean ${nearest}?)` : '';
    throw new Failure(`${name} is none of the platform's alerts${meant}. There are: ${explainedAlerts.join(', ')}`);
  }
  const explanation = explainAlert(alert, readFileSync(runbooksFile, 'utf8'));
  io.out(output ? printValue(explanation, output) : formatExplanation(explanation));
  return exitCodes.ok;
}
