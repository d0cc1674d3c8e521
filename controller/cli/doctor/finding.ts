import { type ExitCode, exitCodes } from '../command-io.ts';

/** `unknown` means that the check could not run, because a permission or a response was missing. */
export type Verdict = 'ok' | 'wrong' | 'unknown';

export interface Finding {
  readonly case: Case;
  readonly verdict: Verdict;
  readonly message: string;
  /** What the user should do about the finding. Set for every verdict but `ok`. */
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

/** Returns 1 if any finding is wrong, else 2 if any is unknown, else 0. */
export function exitCodeOf(findings: readonly Finding[]): ExitCode {
  if (findings.some(({ verdict }) => verdict === 'wrong')) return exitCodes.wrong;
  return findings.some(({ verdict }) => verdict === 'unknown') ? exitCodes.failed : exitCodes.ok;
}

/** The doctor's cases. Each value is a heading of docs/troubleshooting.md; a test compares these headings with this list. */
export const cases = {
  apiServerSilent: 'API server does not answer',
  crdMissing: 'CRD is missing',
  resourceMissing: 'TradingPipeline does not exist',
  controllerIdle: 'Controller does not act',
  notReady: 'TradingPipeline is not Ready',
  pipelineNotRegistered: 'Pipeline not registered',
  pipelineSilent: 'Pipeline that nothing starts',
  serviceUnresolved: 'Service, port or endpoint not found',
  objectMissing: 'Generated object is missing',
  notSelected: 'Monitor or rule is not selected',
  prometheusSilent: 'Prometheus does not answer',
  noTarget: 'No target',
  endpointNotFound: 'Metrics endpoint 404',
  targetDown: 'Target down',
  noData: '"No data" in Grafana',
  dashboardNotLoaded: 'Dashboard not loaded',
  rulesNotLoaded: 'Rules not loaded',
  alertSilent: 'Alert not firing',
  memoryTooHigh: 'Memory of Prometheus too high',
} as const;
export type Case = keyof typeof cases;

export const TROUBLESHOOTING_PAGE = 'docs/troubleshooting.md';

/** The link to a case's section, with the anchor that GitHub and GitLab derive from its heading. */
export function caseAnchor(name: Case): string {
  const slug = cases[name].toLowerCase().replaceAll(/[^\w\s-]/g, '');
  return `${TROUBLESHOOTING_PAGE}#${slug.replaceAll(' ', '-')}`;
}
