/**
 * Builds the conditions of a TradingPipeline, which follow the kstatus conventions. Pure. Ready says whether everything is as
 * the spec asks. Reconciling and Stalled are present only while they are True: Reconciling if the resource may become Ready by
 * itself, Stalled if somebody must act.
 */
import { annotations, type ConditionType, conditionTypes, reasons } from '../../api/names.ts';
import type { Condition } from '../../api/trading-pipeline-status.ts';
import type { RejectedRule } from '../../compile/alerts/custom-rules.ts';
import type { LostService, ResolvedService } from '../claims/claims.ts';
import type { Monitoring } from '../monitoring/monitoring.ts';
import type { ForeignObject, UnwrittenObject } from '../plan/execute-plan.ts';
import type { Registration } from '../registration/registration.ts';
import { contestedProblem, foreignFields } from './foreign-fields.ts';
import type { Problem, Verdict } from './verdict.ts';

/** Everything that a reconcile found out. The status is built from these findings. */
export interface Findings {
  /** True if the TradingPipeline is paused. Then all other findings are empty. */
  readonly paused?: boolean;
  /** Invalid fields of the spec, each with its path. If there are any, all other findings are empty. */
  readonly invalid: readonly string[];
  readonly services: readonly ResolvedService[];
  readonly lostServices: readonly LostService[];
  readonly rejectedRules: readonly RejectedRule[];
  /** Objects whose name is taken by an object of another owner. */
  readonly taken: readonly UnwrittenObject[];
  /** Objects that the API server rejected. */
  readonly refused: readonly UnwrittenObject[];
  /** Objects that others change again and again, so that the next repair waits. */
  readonly contested?: readonly ForeignObject[];
  /** Fields that others have added, and that the policy of the resource leaves in the objects. */
  readonly additions?: readonly ForeignObject[];
  /** The generated objects of the TradingPipeline that exist; status.resources lists them. */
  readonly objects: readonly { readonly kind: string; readonly name: string }[];
  /** Number of alerting rules that were written to the cluster. */
  readonly alerts: number;
  /** Whether Prometheus and Grafana have picked up the objects, and the figures that Prometheus reports. */
  readonly monitoring?: Monitoring;
  /** State of the declared pipeline in the backend; absent if the TradingPipeline declares none. */
  readonly registration?: Registration;
  /** Whether anything emits the signals that start the declared pipeline; absent if that is not known, or no signal does. */
  readonly trigger?: Verdict;
}

export const NO_FINDINGS: Findings = {
  invalid: [],
  services: [],
  lostServices: [],
  rejectedRules: [],
  taken: [],
  refused: [],
  objects: [],
  alerts: 0,
};

type Statement = Pick<Condition, 'status' | 'reason' | 'message'> & { readonly type: ConditionType };

/** Longest message of a condition. The API server accepts 32 kB, but nobody reads that much. */
const MAX_MESSAGE_LENGTH = 1_024;
/** The longest message of ForeignFields, which must name every object, field and manager. */
const MAX_FOREIGN_LENGTH = 8_192;

interface ConditionTimes {
  readonly generation: number;
  /** The current time, ISO 8601, with a resolution of one second. */
  readonly now: string;
  readonly previous: readonly Condition[];
}

export function buildConditions(findings: Findings, times: ConditionTimes): Condition[] {
  return buildStatements(findings).map((statement) => withTimes(statement, times));
}

/** The only condition while the TradingPipeline is paused, because the other conditions are not kept current. */
const PAUSED: Statement = {
  type: conditionTypes.ready,
  status: 'Unknown',
  reason: reasons.paused,
  message: `The controller writes nothing while the annotation ${annotations.paused} is "true"`,
};

function buildStatements(findings: Findings): Statement[] {
  if (findings.paused) return [PAUSED];
  const problems = problemChecks.map((check) => check(findings)).filter((problem) => problem !== undefined);
  const statements = [
    ready(problems, findings),
    stalled(problems),
    reconciling(problems),
    servicesResolved(findings),
    ...monitoringStatements(findings),
    pipelineRegistered(findings),
    signalsEmitted(findings),
    conflict(findings),
    foreign(foreignFields(findings)),
  ];
  return statements.filter((statement) => statement !== undefined);
}

/** Checks for problems, the most serious first: the first problem found determines the reason of Ready. */
const problemChecks: readonly ((findings: Findings) => Problem | undefined)[] = [
  invalidSpec,
  serviceClaimed,
  nameTaken,
  ruleRejected,
  applyRefused,
  contestedProblem,
  pipelineNotRegistered,
  serviceMissing,
];

function invalidSpec({ invalid }: Findings): Problem | undefined {
  if (invalid.length === 0) return undefined;
  return {
    reason: reasons.invalidSpec,
    message: `${invalid.join('; ')}. The objects of the last valid spec stay`,
    stalled: true,
  };
}

function serviceClaimed({ lostServices }: Findings): Problem | undefined {
  if (lostServices.length === 0) return undefined;
  const claims = lostServices.map(
    ({ service, holder }) => `${service} is watched by the older TradingPipeline ${holder}`,
  );
  return { reason: reasons.serviceClaimed, message: `${claims.join('; ')}. List each in one resource`, stalled: true };
}

function nameTaken({ taken }: Findings): Problem | undefined {
  if (taken.length === 0) return undefined;
  const names = taken.map(({ kind, name }) => `${kind} ${name}`);
  return {
    reason: reasons.nameTaken,
    message: `${names.join(', ')} exists and was not generated for this resource. Rename one or the other`,
    stalled: true,
  };
}

function ruleRejected({ rejectedRules }: Findings): Problem | undefined {
  const [first] = rejectedRules;
  if (!first) return undefined;
  const wrong = rejectedRules.map(({ path, message, lastGoodKept }) => {
    return `${path}: ${message} (${lastGoodKept ? 'the last good rule stays' : 'the rule is left out'})`;
  });
  return { reason: first.reason, message: wrong.join('; '), stalled: true };
}

function applyRefused({ refused }: Findings): Problem | undefined {
  if (refused.length === 0) return undefined;
  const wrong = refused.map(({ kind, name, message }) => `${kind} ${name}: ${message}`);
  return { reason: reasons.applyRefused, message: wrong.join('; '), stalled: false };
}

function pipelineNotRegistered({ registration }: Findings): Problem | undefined {
  return registration?.problem;
}

function serviceMissing({ services }: Findings): Problem | undefined {
  const missing = services.filter(({ problem }) => problem !== undefined);
  const [first] = missing;
  if (!first?.problem) return undefined;
  const message = missing.map(({ name, problem }) => `${name}: ${problem?.message}`).join('; ');
  return { reason: first.problem.reason, message, stalled: false };
}

function ready([first]: readonly Problem[], { objects, registration }: Findings): Statement {
  if (first) return { type: conditionTypes.ready, status: 'False', reason: first.reason, message: first.message };
  const count = objects.length === 1 ? '1 object is' : `${objects.length} objects are`;
  return {
    type: conditionTypes.ready,
    status: 'True',
    reason: reasons.reconciled,
    message: `${count} as the spec asks${registration ? ', and the pipeline is registered' : ''}`,
  };
}

function stalled(problems: readonly Problem[]): Statement | undefined {
  const grave = problems.find((problem) => problem.stalled);
  return grave && { type: conditionTypes.stalled, status: 'True', reason: grave.reason, message: grave.message };
}

function reconciling(problems: readonly Problem[]): Statement | undefined {
  const [first] = problems;
  if (!first || problems.some((problem) => problem.stalled)) return undefined;
  return { type: conditionTypes.reconciling, status: 'True', reason: first.reason, message: first.message };
}

function servicesResolved(findings: Findings): Statement | undefined {
  const { services, invalid } = findings;
  if (services.length === 0 || invalid.length > 0) return undefined;
  const missing = serviceMissing(findings);
  if (missing)
    return { type: conditionTypes.servicesResolved, status: 'False', reason: missing.reason, message: missing.message };
  const message = `${services.length} of ${services.length} services exist and have their port`;
  return { type: conditionTypes.servicesResolved, status: 'True', reason: reasons.servicesFound, message };
}

function monitoringStatements(findings: Findings): (Statement | undefined)[] {
  const { monitorsSelected, targetsUp, rulesLoaded, dashboardsReady } = findings.monitoring ?? {};
  const rejected = ruleRejected(findings);
  return [
    monitorsSelected && { type: conditionTypes.monitorsSelected, ...monitorsSelected },
    targetsUp && { type: conditionTypes.targetsUp, ...targetsUp },
    rejected
      ? { type: conditionTypes.rulesLoaded, status: 'False', reason: rejected.reason, message: rejected.message }
      : rulesLoaded && { type: conditionTypes.rulesLoaded, ...rulesLoaded },
    dashboardsReady && { type: conditionTypes.dashboardsReady, ...dashboardsReady },
  ];
}

function pipelineRegistered({ registration }: Findings): Statement | undefined {
  return registration && { type: conditionTypes.pipelineRegistered, ...registration.verdict };
}

function signalsEmitted({ trigger }: Findings): Statement | undefined {
  return trigger && { type: conditionTypes.signalsEmitted, ...trigger };
}

function conflict(findings: Findings): Statement | undefined {
  const clash = serviceClaimed(findings) ?? nameTaken(findings) ?? pipelineIdTaken(findings);
  return clash && { type: conditionTypes.conflict, status: 'True', reason: clash.reason, message: clash.message };
}

function foreign(verdict: Verdict | undefined): Statement | undefined {
  return verdict && { type: conditionTypes.foreignFields, ...verdict };
}

function pipelineIdTaken({ registration }: Findings): Problem | undefined {
  return registration?.problem?.reason === reasons.pipelineIdTaken ? registration.problem : undefined;
}

/** Adds the times to a condition. The transition time changes only with the status, as for all Kubernetes conditions. */
function withTimes(statement: Statement, { generation, now, previous }: ConditionTimes): Condition {
  const before = previous.find((condition) => condition.type === statement.type);
  const longest = statement.type === conditionTypes.foreignFields ? MAX_FOREIGN_LENGTH : MAX_MESSAGE_LENGTH;
  const message =
    statement.message.length > longest ? `${statement.message.slice(0, longest - 1)}…` : statement.message;
  return {
    ...statement,
    message,
    lastTransitionTime: before?.status === statement.status ? before.lastTransitionTime : now,
    observedGeneration: generation,
  };
}
