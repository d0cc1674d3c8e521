import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Case } from './cases.ts';

/** `unknown`: it could not be looked at. */
export type Verdict = 'ok' | 'wrong' | 'unknown';

export interface Finding {
  readonly case: Case;
  readonly verdict: Verdict;
  readonly message: string;
  /** What to do; given with all that is not ok. */
  readonly remedy?: string;
}

export function ok(name: Case, message: string): Finding {
  return { case: name, verdict: 'ok', message };
}

export function wrong(name: Case, message: string, remedy: string): Finding {
  return { case: name, verdict: 'wrong', message, remedy };
}

export function unknown(name: Case, message: string, remedy: string): Finding {
  return { case: name, verdict: 'unknown', message, remedy };
}

/** Something wrong outweighs something unknown. */
export function exitCodeOf(findings: readonly Finding[]): ExitCode {
  if (findings.some(({ verdict }) => verdict === 'wrong')) return exitCodes.wrong;
  return findings.some(({ verdict }) => verdict === 'unknown') ? exitCodes.failed : exitCodes.ok;
}
