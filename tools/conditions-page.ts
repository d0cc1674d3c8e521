import { conditionMeanings } from '#controller/api/remedies.ts';
import { remedies } from '#controller/api/remedies.ts';

/** docs/conditions.md: every condition, and below a heading of its own every reason, with what to do about it. */
export function buildConditionsPage(): string {
  const conditions = Object.entries(conditionMeanings).map(([type, meaning]) => `| \`${type}\` | ${meaning} |`);
  const reasons = Object.entries(remedies).map(
    ([reason, { means, remedy }]) => `## ${reason}\n\n**What it means.** ${means}.\n\n**What to do.** ${remedy}.`,
  );
  return `<!-- Generated: run \`make generate\`. -->
# Conditions of a TradingPipeline, and what to do

\`kubectl get tp\` shows the essence, \`kubectl describe tp NAME\` the conditions and the Events about them. Each condition has
one of the reasons below.

| Condition | What it says when True |
|---|---|
${conditions.join('\n')}

\`Ready\`, \`Reconciling\` and \`Stalled\` follow the kstatus conventions, so that Flux, Argo CD and \`kubectl wait --for=condition=Ready\`
understand them. What Prometheus says never makes a resource unready. Nor does a backend that is away, once the pipeline is registered. \`TargetsUp\`, \`RulesLoaded\` and the figures of the status
come from it: it is asked every 15 s, once for all resources. While it does not answer (twice in a row), the conditions say
\`Unknown\` and the figures are absent.

A change of state is written at once. Figures alone are written when one has moved by a percent, and at most once a minute.
A change of a condition's status or reason is an Event too, and so is what is wrong from the start; the same reason within ten minutes is counted on the first.

${reasons.join('\n\n')}
`;
}
