import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { DEFAULT_RUNBOOK_BASE_URL } from '#controller/api/names.ts';
import { buildAlertmanagerConfig } from '#controller/compile/alerts/alertmanager-config.ts';
import { buildOperatorMonitoring } from '#controller/compile/objects/operator-monitoring.ts';
import { buildSharedRules } from '#controller/compile/objects/shared-rules.ts';
import { readManifests } from '#local/stack/apply-manifests.ts';
import type { GeneratedFile } from '../generated-file.ts';
import { readValues } from './read-values.ts';
import { buildValuesPage } from './values-page.ts';
import { buildValuesSchema } from './values-schema.ts';

const root = join(import.meta.dirname, '..', '..');
const chart = 'charts/trading-platform';

/** What the chart holds of other places of the repository: a chart can only read files of its own folder. */
export const chartFiles: readonly GeneratedFile[] = [
  {
    path: `${chart}/values.schema.json`,
    build: () => `${JSON.stringify(buildValuesSchema(readChartValues()), null, 2)}\n`,
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

/** The rules of the roles under which the controller is tested. */
function readControllerRules(): object {
  const objects = readManifests(join(root, 'controller', 'manifests', 'rbac.yaml'));
  const rulesOf = (kind: string) =>
    (objects.find((object) => object.kind === kind) as unknown as { rules: object[] }).rules;
  return { cluster: rulesOf('ClusterRole'), leaderElection: rulesOf('Role') };
}

function readPlatformSpec(): object {
  const text = readFileSync(join(root, 'examples', 'platform', 'platform.yaml'), 'utf8');
  return (parse(text) as { spec: object }).spec;
}

/** What watches the operator, in a namespace that the template puts in. */
function buildSelfMonitoring(): object[] {
  return buildOperatorMonitoring({ namespace: 'RELEASE_NAMESPACE', runbookBaseUrl: DEFAULT_RUNBOOK_BASE_URL });
}

function printYaml(value: object): string {
  return `# Generated: run \`make generate\`.\n${stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}
