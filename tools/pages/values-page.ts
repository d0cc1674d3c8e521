import { stringify } from 'yaml';
import type { ValueField } from '../chart/read-values.ts';

/** Builds charts/trading-platform/README.md: how to install the chart, and a table of its values for each section. */
export function buildValuesPage(fields: readonly ValueField[]): string {
  return `<!-- Generated from values.yaml: run \`make generate\`. -->
# trading-platform

Installs four services that turn market data into signals, executions and orders; the operator that makes ServiceMonitors, alerts
and dashboards for them; and Prometheus, Alertmanager and Grafana.

    helm install trading-platform oci://ghcr.io/trading-platform/charts/trading-platform \\
      --namespace trading-platform --create-namespace

From a clone: \`helm dependency update charts/trading-platform\` first, then \`helm install … charts/trading-platform\`. Values for a
laptop, for production, for AWS and for long-term storage are in [values/](values); step by step in
[docs](../../docs/deploy.md). Helm refuses a wrong or misspelt value and names its path.

${fields.map(buildSection).join('\n')}`;
}

function buildSection(section: ValueField): string {
  const name = section.path.join('.');
  const rows = section.fields.length === 0 ? [section] : section.fields.flatMap(listRows);
  const table = rows.map((row) => `| \`${row.path.join('.')}\` | ${printDefault(row.value)} | ${row.description} |`);
  return `## ${name}
${section.description}.

| value | default | |
|---|---|---|
${table.join('\n')}
`;
}

function listRows(field: ValueField): ValueField[] {
  return field.fields.length === 0 ? [field] : field.fields.flatMap(listRows);
}

function printDefault(value: unknown): string {
  if (value === '') return '';
  const text = stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trim();
  return `\`${text.replaceAll('|', '\\|')}\``;
}
