import { type DashboardName, dashboardNames, dashboards } from '#catalogue/dashboards.ts';
import { buildDashboard } from '#dashboards/index.ts';
import { table } from './metrics-page.ts';

/** Builds docs/dashboards.md, the reference page of the dashboards. */
export function buildDashboardsPage(): string {
  return `${[intro, ...dashboardNames.map(buildDashboardSection)].join('\n\n')}\n`;
}

const intro = `<!-- biome-ignore-all format: generated from dashboards/; change those, then run make generate -->

# Dashboards

A \`TradingPipeline\` that includes a dashboard gets it as a ConfigMap with the label \`grafana_dashboard: "1"\`, which the
sidecar of kube-prometheus-stack loads. Without a sidecar, or in a managed Grafana, choose Dashboards, New, Import, and upload
\`dashboards/rendered/<name>.json\`. The dashboard opens on Grafana's default Prometheus; choose another one at the top. That Prometheus
needs the recording rules of \`controller/manifests/shared-rules.yaml\`, which the chart installs with the operator: every minute they record
the increases that the dashboards sum.

To change a dashboard, save a copy under another name in Grafana, or edit the ConfigMap. \`spec.dashboards.policy\` decides what
happens to an edited ConfigMap:

| | \`enforce\` (default) | \`seed\` |
| --- | --- | --- |
| somebody edits the data | the operator restores it within seconds | the edit stays, and DashboardsReady names it |
| a new version of the operator has a new dashboard | it is written | it is written if nobody edited the data; an edit stays, and DashboardsReady says that the operator's dashboard has changed since |
| somebody deletes the ConfigMap | the operator makes it again | the operator makes it again, without the edit: delete it to give an edit up |
| Grafana's editor | hidden: the dashboard is not editable | offered; to keep an edit, copy its JSON model into the ConfigMap |
| labels, annotations, owner | set by the operator | set by the operator |
| the dashboard leaves \`include\`, or the resource is deleted | the ConfigMap is deleted | the ConfigMap is deleted with its edits: save them before |

A change from \`enforce\` to \`seed\` changes no dashboard; a change from \`seed\` to \`enforce\` restores the operator's. The operator
recognises an edit by the field manager that the API server records (managedFields), so it also sees edits that were made while it did
not run.

Every dashboard shows the last hour and refreshes every 5 seconds, marks firing alerts as red lines, shares one crosshair
between its panels, and links to the other dashboards, keeping the time and the variables. A variable narrows every panel whose
metrics have its label; a dashboard has only the variables that narrow one of its panels:

| Variable | Narrows |
| --- | --- |
| Data source | which Prometheus is queried |
| Namespace | every panel but those of the operator |
| Namespace of the operator | the operator's panels: it may run in a namespace without TradingPipelines |
| Service | every panel but the health of each service, which must show services that are down |
| Pipeline | executions, bots, orders, costs of executions, budgets, and alerts that have a pipeline |
| Signal type | signals, publishes, consumed signals |
| Summary window | how far back success rates, rankings, averages and error budgets look; it does not depend on the time picker |

The pictures are drawings, not screenshots of Grafana ([why](decisions/0018-pictures-are-drawn-without-grafana.md)). They show the
committed JSON with the answers of a live Prometheus during the scenario of \`make dashboards-check\`; units, colours, thresholds and
tables are those of Grafana's own library. \`make pictures\` draws them again.

Green is good, yellow needs a look, red is bad, and blue is an amount that is neither good nor bad. A dashed line is an objective
or a threshold. A success rate without events is empty, never 0 % or NaN.

Totals, success rates, rankings, averages, burn rates and error budgets sum the increases that the recording rules store every minute,
over all replicas. They are exact numbers of events, even if pods come, go or restart meanwhile. The durations and costs of executions
over time use the same series. These values are up to a minute old, start when the rules were installed, and cost a twentieth of querying
the counters ([measured](benchmarks.md#dashboards), [why](decisions/0026-dashboards-sum-recorded-minutes.md)). All other graphs are rates of
the counters. A counter that starts with its first event (a pipeline's first execution) has no rate in Prometheus at that moment:
totals include the event, a rate shows it from the second event on.`;

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
