import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { DEFAULT_RUNBOOK_BASE_URL } from '#controller/api/names.ts';
import { buildAlertmanagerConfig } from '#controller/compile/alerts/alertmanager-config.ts';
import { buildOperatorMonitoring } from '#controller/compile/objects/operator-monitoring.ts';
import { buildSharedRules } from '#controller/compile/objects/shared-rules.ts';
import { readManifests } from '#local/stack/apply-manifests.ts';
import { type GeneratedFile, printJson, printYaml } from '../generated-file.ts';
import { buildValuesPage } from '../pages/values-page.ts';
import { readValues } from './read-values.ts';
import { buildValuesSchema } from './values-schema.ts';

const root = join(import.meta.dirname, '..', '..');
const chart = 'charts/trading-platform';

/** The generated files of the chart. Most are copies of other files, because a chart can only read files of its own folder. */
export const chartFiles: readonly GeneratedFile[] = [
  {
    path: `${chart}/values.schema.json`,
    build: () => printJson(buildValuesSchema(readChartValues())),
  },
  { path: `${chart}/README.md`, build: () => buildValuesPage(readChartValues()) },
  { path: `${chart}/files/controller-rules.yaml`, build: () => printYaml(readControllerRules()) },
  { path: `${chart}/files/trading-pipeline.yaml`, build: () => printYaml(readPlatformSpec()) },
  { path: `${chart}/files/self-monitoring.yaml`, build: () => printYaml(buildSelfMonitoring()) },
  { path: `${chart}/files/shared-rules.yaml`, build: () => printYaml(buildSharedRules('RELEASE_NAMESPACE')) },
  { path: `${chart}/files/alertmanager.yaml`, build: () => printYaml(buildAlertmanagerConfig()) },
];

function readChartValues() {
  return readValues(readFileSync(join(root, chart, 'values.yaml'), 'utf8'));
}

/** Reads the rules of the roles with which the controller is tested, and the admission policy that restricts it. */
function readControllerRules(): object {
  const objects = readManifests(join(root, 'controller', 'manifests', 'rbac.yaml'));
  const find = (kind: string, name: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name === name);
  const rulesOf = (kind: string, name: string) => (find(kind, name) as unknown as { rules: object[] }).rules;
  return {
    namespaced: rulesOf('ClusterRole', 'trading-platform-controller'),
    discovery: rulesOf('ClusterRole', 'trading-platform-controller-discovery'),
    leaderElection: rulesOf('Role', 'controller-leader-election'),
    admission: find('ValidatingAdmissionPolicy', 'trading-platform-controller')?.spec,
  };
}

function readPlatformSpec(): object {
  const text = readFileSync(join(root, 'examples', 'platform', 'platform.yaml'), 'utf8');
  return (parse(text) as { spec: object }).spec;
}

/** Builds the monitoring of the operator; the chart's template replaces RELEASE_NAMESPACE. */
function buildSelfMonitoring(): object[] {
  return buildOperatorMonitoring({ namespace: 'RELEASE_NAMESPACE', runbookBaseUrl: DEFAULT_RUNBOOK_BASE_URL });
}
