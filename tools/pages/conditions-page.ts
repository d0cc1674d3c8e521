import { conditionMeanings } from '#controller/api/condition-meanings.ts';
import { remedies } from '#controller/api/remedies.ts';

/** Builds docs/conditions.md: every condition, and a section for every reason with its meaning and its remedy. */
export function buildConditionsPage(): string {
  const conditions = Object.entries(conditionMeanings).map(([type, meaning]) => `| \`${type}\` | ${meaning} |`);
  const reasons = Object.entries(remedies).map(
    ([reason, { means, remedy }]) => `## ${reason}\n\n**What it means.** ${means}.\n\n**What to do.** ${remedy}.`,
  );
  return `<!-- Generated: run \`make generate\`. -->
# Conditions of a TradingPipeline, and what to do

\`kubectl get tp\` shows a summary, \`kubectl describe tp NAME\` the conditions and their Events. Each condition has one of the
reasons below.

| Condition | Meaning if True |
|---|---|
${conditions.join('\n')}

\`Ready\`, \`Reconciling\` and \`Stalled\` follow the kstatus conventions, so that Flux, Argo CD and \`kubectl wait --for=condition=Ready\`
understand them. What Prometheus reports never makes a resource unready, and neither does a backend that is away once the pipeline
is registered. \`TargetsUp\`, \`RulesLoaded\` and the figures of the status come from Prometheus: the operator asks it every 15 s, once for
all resources. If it does not answer twice in a row, these conditions are \`Unknown\` and the figures are absent until it does.

A change of a condition is written to the status at once. If only figures change, they are written at most once a minute, and only
if one has moved by a percent. A change of a condition's status or reason is also an Event, and so is a problem that exists from the
start. The same reason within ten minutes increases the count of the first Event.

${reasons.join('\n\n')}
`;
}
