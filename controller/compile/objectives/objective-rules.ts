/**
 * Compiles objectives into recording and alerting rules. Pure.
 *
 * Once a minute, rules read counters and record the number of events in that minute. The number of events in a window is the
 * sum of these recorded numbers. The events of declared pipelines are counted by rules that all resources share
 * (objects/shared-rules.ts); the resource itself then has only rules for its budget and alerts.
 */
import { series } from '#base/promql/build-promql.ts';
import { alertLabels } from '#catalogue/alerts.ts';
import { errorBudget, objectiveSeries } from '#catalogue/objectives.ts';
import type { ObjectiveSpec } from '../../api/objective-schema.ts';
import type { RejectedRule } from '../alerts/custom-rules.ts';
import type { Owner, RecordingRule, Rule } from '../objects/generated-object.ts';
import { CheckBudget } from '../promql/check-budget.ts';
import type { IsExternal } from '../promql/check-names.ts';
import { type BurnAlertSubject, buildBurnAlerts } from './burn-alerts.ts';
import { countEvents, type NeededBucket } from './count-events.ts';
import { type Objective, resolveObjective, type SharedCount, sharedCountOf } from './resolve-objective.ts';
import { buildLongWindows, buildPromise, buildShortWindows } from './window-rules.ts';

interface ObjectivesInput extends BurnAlertSubject {
  readonly owner: Owner;
  /**
   * Id of the pipeline that the resource declares: only events of this pipeline are counted. Absent if it declares
   * none.
   */
  readonly pipelineId?: string;
  readonly isExternal: IsExternal;
  /** The last valid custom rules. While a custom indicator is invalid, its rules in this list are kept. */
  readonly lastGood: readonly Rule[];
}

interface BuiltObjectives {
  readonly rules: readonly Rule[];
  /** The rules about long windows. These rules are evaluated less often than `rules`. */
  readonly longRules: readonly Rule[];
  readonly rejected: readonly RejectedRule[];
  /** The rules that count events of custom indicators. Pass them in as `lastGood` at the next compilation. */
  readonly customRules: readonly RecordingRule[];
}

/**
 * An objective with the rules that count its events. If `shared` is set, the shared rules (objects/shared-rules.ts)
 * count the events, and `rules` is empty.
 */
interface Counted {
  readonly objective: Objective;
  readonly shared?: SharedCount | undefined;
  readonly rules: readonly RecordingRule[];
}

export function buildObjectiveRules(specs: readonly ObjectiveSpec[], input: ObjectivesInput): BuiltObjectives {
  const { owner } = input;
  const rejected: RejectedRule[] = [];
  const budget = new CheckBudget();
  const counted = specs.flatMap((spec): Counted[] => {
    const objective = resolveObjective(spec);
    const shared = sharedCountOf(objective, input.pipelineId);
    if (shared) return [{ objective, shared, rules: [] }];
    const { rules, wrong } = buildCounts(objective, input, budget);
    if (wrong) rejected.push({ ...wrong, lastGoodKept: rules.length > 0 });
    return rules.length > 0 ? [{ objective, rules }] : [];
  });
  // An empty `indicator` selects series without this label. Series with the label belong to shared objectives, for
  // which the shared rules do the sums over windows.
  const own = counted.some(({ shared }) => !shared) ? { ...ownedBy(owner), indicator: '' } : undefined;
  const alerts = counted.flatMap(({ objective }) =>
    buildBurnAlerts(objective, identityOf(owner, objective.name), input),
  );
  return {
    rules: [
      ...counted.flatMap(({ objective, shared, rules }) => [...rules, buildBudget(objective, owner, shared)]),
      ...(own ? buildShortWindows(own) : []),
      ...alerts.filter(({ isLong }) => !isLong).map(({ rule }) => rule),
    ],
    longRules: [
      ...(own ? buildLongWindows(own) : []),
      ...buildPromises(
        owner,
        counted.map(({ objective }) => objective),
      ),
      ...alerts.filter(({ isLong }) => isLong).map(({ rule }) => rule),
    ],
    rejected,
    customRules: counted.flatMap(({ objective, rules }) => (objective.indicator.custom ? rules : [])),
  };
}

function ownedBy({ namespace, name }: Owner): Record<string, string> {
  return { [alertLabels.namespace]: namespace, [alertLabels.pipeline]: name };
}

function identityOf(owner: Owner, objective: string): Record<string, string> {
  return { ...ownedBy(owner), [alertLabels.objective]: objective };
}

/**
 * Builds the two rules that count an objective's events. If the objective's custom indicator is invalid, returns the
 * problem and the last valid rules.
 */
function buildCounts(
  objective: Objective,
  { owner, pipelineId, lastGood, isExternal }: ObjectivesInput,
  budget: CheckBudget,
) {
  const counts = countEvents(objective.indicator, { namespace: owner.namespace, pipelineId, isExternal, budget });
  const labels = identityOf(owner, objective.name);
  if ('problem' in counts) {
    const path = `spec.objectives[name=${objective.name}].indicator.custom.${counts.field}`;
    return { rules: keptCounts(objective.name, lastGood), wrong: { path, ...counts.problem } };
  }
  const events = series(objectiveSeries.events, labels);
  const rules: RecordingRule[] = [
    { record: objectiveSeries.events, expr: counts.events, labels },
    { record: objectiveSeries.badEvents, expr: counts.badEvents(events), labels },
  ];
  return { rules: [...rules, ...(counts.buckets ?? []).map((bucket) => reportMissing(bucket, labels))] };
}

/** Builds the rule that lists the buckets of a histogram while it has none that the objective reads. */
function reportMissing(
  { metric, written, selector }: NeededBucket,
  labels: Readonly<Record<string, string>>,
): RecordingRule {
  return {
    record: objectiveSeries.bucketMissing,
    expr: `group by (le) (${metric}) unless on () group(${selector})`,
    labels: { ...labels, metric, wanted: written },
  };
}

function keptCounts(name: string, lastGood: readonly Rule[]): RecordingRule[] {
  return lastGood.filter(isEventCount).filter(({ labels }) => labels?.[alertLabels.objective] === name);
}

const counting: readonly string[] = [objectiveSeries.events, objectiveSeries.badEvents, objectiveSeries.bucketMissing];

/** Returns whether a rule counts an objective's events, or says which bucket is missing for that. */
export function isEventCount(rule: Rule): rule is RecordingRule {
  return 'record' in rule && counting.includes(rule.record);
}

function buildBudget({ name, target }: Objective, owner: Owner, shared: SharedCount | undefined): RecordingRule {
  return {
    record: objectiveSeries.errorBudget,
    expr: `vector(${errorBudget(target)})`,
    labels: { ...identityOf(owner, name), ...shared },
  };
}

function buildPromises(owner: Owner, objectives: readonly Objective[]): RecordingRule[] {
  const windows = [...new Set(objectives.map(({ window }) => window))];
  return windows.flatMap((window) => {
    const names = objectives.filter((one) => one.window === window).map(({ name }) => name);
    return buildPromise(window, { ...ownedBy(owner), [alertLabels.objective]: names });
  });
}
