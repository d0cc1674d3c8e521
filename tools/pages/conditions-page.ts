import { conditionMeanings, remedies } from '#controller/api/remedies.ts';

/** Builds docs/conditions.md: a table of the conditions, then a section for each reason with its meaning and remedy. */
export function buildConditionsPage(): string {
  const conditions = Object.entries(conditionMeanings).map(([type, meaning]) => `| \`${type}\` | ${meaning} |`);
  const reasons = Object.entries(remedies).map(
    ([reason, { means, remedy }]) => `## ${reason}\n\n**What it means.** ${means}.\n\n**What to do.** ${remedy}.`,
  );
  return `<!-- Generated: run \`make generate\`. -->
# Conditions of a TradingPipeline, and what to do

\`kubectl get tp\` shows the most important figures; \`kubectl describe tp NAME\` shows the conditions and the Events about them. Each
condition has one of the reasons below.

| Condition | Meaning when True |
|---|---|
${conditions.join('\n')}

\`Ready\`, \`Reconciling\` and \`Stalled\` follow the kstatus conventions, so that Flux, Argo CD and \`kubectl wait --for=condition=Ready\`
understand them. Nothing that Prometheus reports makes a resource unready. A backend that does not answer makes a resource unready only
until its pipeline is registered.

\`TargetsUp\`, \`RulesLoaded\` and the figures of alerts and objectives in the status come from Prometheus. The controller asks it every
15 s, once for all resources. If Prometheus fails to answer twice in a row, these conditions become \`Unknown\` and the figures are absent.

The controller writes a changed condition at once. If only figures change, it writes them when one has moved by at least a percent, and
at most once a minute. It also records an Event when the status or the reason of a condition changes, and for a condition that is bad from
the start. It counts an Event with the same reason within ten minutes on the earlier Event.

${reasons.join('\n\n')}
`;
}
