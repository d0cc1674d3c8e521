import { type DashboardName, dashboardNames, dashboards } from '#catalogue/dashboards.ts';
import { buildDashboard } from '#dashboards/index.ts';
import { table } from './metrics-page.ts';

/** docs/dashboards.md out of the dashboards themselves. Pure. */
export function buildDashboardsPage(): string {
  return `${[intro, ...dashboardNames.map(buildDashboardSection)].join('\n\n')}\n`;
}

const intro = `<!-- biome-ignore-all format: generated from dashboards/; change those, then run make generate -->

# Dashboards

A \`TradingPipeline\` that includes a dashboard gets it as a ConfigMap with the label \`grafana_dashboard: "1"\`, which the
sidecar of kube-prometheus-stack loads. Without a sidecar, or in a managed Grafana: Dashboards, New, Import, and upload
\`dashboards/rendered/<name>.json\`; it opens on Grafana's default Prometheus, and another can be chosen at the top. That Prometheus
needs the rules of \`controller/manifests/shared-rules.yaml\`, which the chart installs with the operator: they count each minute what the
dashboards sum.

To change one, save a copy under another name in Grafana, or edit the ConfigMap. \`spec.dashboards.policy\` says what becomes of
such an edit:

| | \`enforce\` (default) | \`seed\` |
| --- | --- | --- |
| somebody edits the data | ours is back within seconds | the edit stays, and DashboardsReady names it |
| a new version of the operator has a new one | it is written | it is written where nobody edited; an edit stays, and DashboardsReady says that ours has changed since |
| somebody deletes the ConfigMap | it is made again | it is made again, ours: so an edit is given up |
| labels, annotations, owner | ours | ours |
| it is no longer in \`include\`, or the resource goes | it is deleted | it is deleted, edits too: save them before |

From \`enforce\` to \`seed\` nothing changes; from \`seed\` to \`enforce\` ours is back. Who owns the data is what the API server says
(managedFields), so an edit made while no controller ran is an edit as well.

Every dashboard refreshes every 5 seconds and shows the last hour, marks firing alerts as red lines, shares one crosshair
between its panels, and links to its siblings with the time and the variables kept. What is chosen at the top narrows every
panel whose metrics know that label; a dashboard on which a variable would narrow nothing does not have it:

| Variable | Narrows |
| --- | --- |
| Data source | which Prometheus is asked |
| Namespace | every panel, but those of the operator |
| Namespace of the operator | the operator's panels: it may live where no TradingPipeline is |
| Service | every panel but the health of each service, which must show whoever is down |
| Pipeline | executions, bots, orders, costs of executions, budgets, and alerts that have a pipeline |
| Signal type | signals, publishes, consumed signals |
| Summary window | how far back success rates, rankings, averages and error budgets look, whatever the time picker says |

The pictures are drawings: of the committed JSON, with what a live Prometheus answered during the scenario of
\`make dashboards-check\`, by Grafana's own code for units, colours, thresholds and tables, but without Grafana
([why](decisions/0018-pictures-are-drawn-without-grafana.md)). \`make pictures\` draws them again.

Green is good, yellow wants a look, red is bad, blue is an amount that is neither. A dashed line is an objective or a
threshold. A success rate without events is empty: it is never 0 % or NaN because nothing happened.

Totals, success rates, rankings, averages, burn rates and error budgets are sums of what is recorded each minute of the counters of all
replicas together: exact numbers, whole events, whichever pods came, went or started anew meanwhile. So are the durations and costs
of executions over time. They are up to a minute old, begin with the rules that record them, and cost a twentieth of asking the
counters ([measured](benchmarks.md#dashboards), [why](decisions/0026-dashboards-sum-recorded-minutes.md)). All other graphs are rates of the
counters themselves. A counter that is born with its first event (a pipeline's first execution) has no rate in Prometheus at that
moment: totals count it all the same, a rate shows it from the second event on.`;

interface RenderedPanel {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
}

function buildDashboardSection(name: DashboardName): string {
  const { title, description, uid } = dashboards[name];
  const { panels } = buildDashboard(name, { services: [] }) as { panels: readonly RenderedPanel[] };
  const rows = panels.map((panel) =>
    panel.type === 'row' ? [`**${panel.title}**`, ''] : [panel.title, panel.description ?? ''],
  );
  return [
    `## ${title}`,
    `${description}. Name in \`include\`: \`${name}\`; uid: \`${uid}\`.`,
    `![${title}, drawn from its JSON and real data; not Grafana itself](pictures/${name}.png)`,
    table(['Panel', 'What it answers'], rows),
  ].join('\n\n');
}
