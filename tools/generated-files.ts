import { stringify } from 'yaml';
import { dashboardNames } from '#catalogue/dashboards.ts';
import { buildCrd } from '#controller/api/crd.ts';
import { DEFAULT_RUNBOOK_BASE_URL, GROUP, OPERATOR_NAMESPACE, PLURAL } from '#controller/api/names.ts';
import { buildReference } from '#controller/api/reference.ts';
import { buildCliReference } from '#controller/cli/reference.ts';
import { buildAlertmanagerConfig } from '#controller/compile/alerts/alertmanager-config.ts';
import { buildOperatorMonitoring } from '#controller/compile/objects/operator-monitoring.ts';
import { buildSharedRules } from '#controller/compile/objects/shared-rules.ts';
import { buildDashboard } from '#dashboards/index.ts';
import { chartFiles } from './chart/chart-files.ts';
import { buildConditionsPage } from './conditions-page.ts';
import { buildDashboardsPage } from './dashboards-page.ts';
import type { GeneratedFile } from './generated-file.ts';
import { buildMetricsPage } from './metrics-page.ts';
import { buildPartsPage } from './parts-page.ts';
import { buildRunbooksPage } from './runbooks-page.ts';

/** All of them. A new kind of generated file is a new line here. */
export const generatedFiles: readonly GeneratedFile[] = [
  ...['crds', 'charts/trading-platform/crds'].map((folder) => ({
    path: `${folder}/${GROUP}_${PLURAL}.yaml`,
    build: () => printYaml(buildCrd()),
  })),
  ...chartFiles,
  { path: 'local/config/alertmanager.yaml', build: () => printYaml(buildAlertmanagerConfig()) },
  { path: 'controller/manifests/self-monitoring.yaml', build: buildOperatorManifest },
  { path: 'controller/manifests/shared-rules.yaml', build: () => printYaml(...buildSharedRules(OPERATOR_NAMESPACE)) },
  { path: 'docs/reference.md', build: buildReference },
  { path: 'docs/cli.md', build: buildCliReference },
  { path: 'docs/metrics.md', build: buildMetricsPage },
  { path: 'docs/conditions.md', build: buildConditionsPage },
  { path: 'docs/dashboards.md', build: buildDashboardsPage },
  { path: 'docs/parts.md', build: buildPartsPage },
  { path: 'docs/runbooks/alerts.md', build: buildRunbooksPage },
  ...dashboardNames.map((name) => ({
    path: `dashboards/rendered/${name}.json`,
    build: () => printJson(buildDashboard(name, { services: [] })),
  })),
];

function printJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** Beside rbac.yaml, in its namespace; whoever installs the operator elsewhere puts that namespace in. */
function buildOperatorManifest(): string {
  const subject = { namespace: OPERATOR_NAMESPACE, runbookBaseUrl: DEFAULT_RUNBOOK_BASE_URL };
  return printYaml(...buildOperatorMonitoring(subject));
}

/** Without folded lines or anchors: a diff of one line is a change of one thing, and every YAML reader takes it. */
function printYaml(...documents: readonly object[]): string {
  const options = { lineWidth: 0, aliasDuplicateObjects: false };
  return `# Generated: run \`make generate\`.\n${documents.map((one) => stringify(one, options)).join('---\n')}`;
}
