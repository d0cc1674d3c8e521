/**
 * Checks that the controller has acted on the current generation of a TradingPipeline, and reports the bad conditions
 * in its status. Pure.
 */
import { conditionTypes, type Reason } from '../../api/names.ts';
import { remedies } from '../../api/remedies.ts';
import type { TradingPipeline } from '../../api/trading-pipeline.ts';
import type { Condition } from '../../api/trading-pipeline-status.ts';
import { type Finding, ok, unknown, wrong } from './finding.ts';

export function checkResource(pipeline: TradingPipeline): Finding[] {
  return [checkController(pipeline), ...checkConditions(pipeline), ...checkSignals(pipeline)];
}

function checkController({ metadata, status }: TradingPipeline): Finding {
  const { generation = 0 } = metadata;
  const seen = status?.observedGeneration;
  if (seen === generation) return ok('controllerIdle', `the controller has acted on generation ${generation}`);
  const message =
    seen === undefined
      ? 'no controller has looked at the resource'
      : `the controller has acted on generation ${seen}, the resource is at ${generation}`;
  return wrong(
    'controllerIdle',
    message,
    'Check that a controller runs, watches this namespace and may write the status. Its log and /readyz say what it waits for',
  );
}

/** The conditions that should be True. */
const wantedTrue: readonly string[] = Object.values(conditionTypes).filter(
  (type) => !['Reconciling', 'Stalled', 'Conflict'].includes(type),
);

function checkConditions({ status }: TradingPipeline): Finding[] {
  const conditions = status?.conditions ?? [];
  const bad = conditions.filter(isBad);
  // Ready, Stalled and Reconciling repeat the reason of the gravest of the other conditions, so each reason is reported once
  const reported = new Set<string>();
  const distinct = bad.filter(({ reason }) => !reported.has(reason) && reported.add(reason));
  if (distinct.length > 0) return distinct.map(describeCondition);
  const ready = conditions.find(({ type }) => type === conditionTypes.ready);
  if (ready?.status === 'True') return [ok('notReady', `Ready: ${ready.message}`)];
  const about = ready
    ? `Ready is ${ready.status} (${ready.reason}): ${ready.message}`
    : 'it has no condition Ready yet';
  return [
    unknown('notReady', about, 'Run this again in a moment; if it stays so, check that the controller is at work'),
  ];
}

function isBad({ type, status }: Condition): boolean {
  if (wantedTrue.includes(type)) return status === 'False';
  return type === conditionTypes.conflict && status === 'True';
}

function describeCondition({ type, status, reason, message }: Condition): Finding {
  const remedy = Object.hasOwn(remedies, reason) ? remedies[reason as Reason].remedy : 'See docs/conditions.md';
  const about = `${type} is ${status} (${reason}): ${message}`;
  if (type === conditionTypes.pipelineRegistered) return wrong('pipelineNotRegistered', about, remedy);
  if (type === conditionTypes.signalsEmitted) return wrong('pipelineSilent', about, remedy);
  return wrong('notReady', about, remedy);
}

/** Reports whether signals can start the declared pipeline. A condition that is False is among the bad ones. */
function checkSignals({ status }: TradingPipeline): Finding[] {
  const found = status?.conditions?.find(({ type }) => type === conditionTypes.signalsEmitted);
  if (!found || found.status === 'False') return [];
  const about = `${found.type}: ${found.message}`;
  return [
    found.status === 'True'
      ? ok('pipelineSilent', about)
      : unknown('pipelineSilent', about, remedies.SignalsNotSeenYet.remedy),
  ];
}
