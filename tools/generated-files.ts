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
import { type GeneratedFile, printJson, printYaml } from './generated-file.ts';
import { buildConditionsPage } from './pages/conditions-page.ts';
import { buildConfigurationPage, buildVariableNames } from './pages/configuration-page.ts';
import { buildDashboardsPage } from './pages/dashboards-page.ts';
import { buildMetricsPage } from './pages/metrics-page.ts';
import { buildPartsPage } from './pages/parts-page.ts';
import { buildRunbooksPage } from './pages/runbooks-page.ts';
import { promqlParserFile } from './promql-parser-file.ts';
import { signalTypesFile } from './signal-types-file.ts';
import { versionFile } from './version-file.ts';

/** Every generated file. Add a new generated file here. */
export const generatedFiles: readonly GeneratedFile[] = [
  signalTypesFile,
  promqlParserFile,
  versionFile,
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
  { path: 'docs/configuration.md', build: buildConfigurationPage },
  { path: 'kit/variable-names.ts', build: buildVariableNames },
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

/**
 * Builds the monitoring of the operator for the namespace of controller/manifests/rbac.yaml. Users who install the operator in
 * another namespace replace the namespace in this file.
 */
function buildOperatorManifest(): string {
  const subject = { namespace: OPERATOR_NAMESPACE, runbookBaseUrl: DEFAULT_RUNBOOK_BASE_URL };
  return printYaml(...buildOperatorMonitoring(subject));
}
