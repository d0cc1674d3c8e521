import { describe, expect, it } from 'vitest';
import { type AlertName, alertDefinition, alertNames } from '#catalogue/alerts.ts';
import { dashboardNames, dashboards } from '#catalogue/dashboards.ts';
import { objectiveAlertNames, objectiveAlerts, objectiveNames } from '#catalogue/objectives.ts';
import { serviceNames } from '#catalogue/services.ts';
import { buildDashboard, listVariables } from '#dashboards/index.ts';
import { specOf } from '../../../test/support/spec-of.ts';
import { parseTradingPipelineSpec } from '../../api/trading-pipeline.ts';
import { type CompileInput, compile } from '../compile.ts';
import { type AlertRule, isAlertRule, type RuleGroup } from '../objects/generated-object.ts';

import { checkTemplate } from './check-template.ts';

/** Returns the alerting rules of a resource that enables every alert of the platform and lists every objective. */
function allAlerts(alerts: object = {}, more: Partial<CompileInput> = {}): AlertRule[] {
  const spec = specOf({
    services: serviceNames.map((name) => ({ name })),
    alerts: { rules: Object.fromEntries(alertNames.map((name) => [name, { enabled: true }])), ...alerts },
    objectives: objectiveNames.map((name) => ({ name })),
  });
  const { objects } = compile({ owner: { namespace: 'desk', name: 'tp', uid: 'u' }, spec, ...more });
  const rule = objects.find(({ kind }) => kind === 'PrometheusRule');
  const groups = (rule?.spec as { groups: RuleGroup[] } | undefined)?.groups ?? [];
  return groups.flatMap(({ rules }) => rules.filter(isAlertRule));
}

const rules = allAlerts();
const rulesOf = (name: string) => rules.filter(({ alert }) => alert === name);
const annotated = (name: string) => rulesOf(name).map(({ annotations = {} }) => annotations);

/**
 * Alerts without a value in the description. ServiceDown has no quantity to show, because it only says whether a target is up.
 */
const withoutValue: readonly string[] = ['ServiceDown'];

describe.each([...alertNames, ...objectiveAlertNames])('alert %s', (name) => {
  it('has at least one rule', () => {
    expect(rulesOf(name).length).toBeGreaterThan(0);
  });

  it('has summary, value, runbook and dashboard, in templates that Prometheus accepts', () => {
    for (const annotations of annotated(name)) {
      expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook_url', 'dashboard_url']);
      for (const [field, text] of Object.entries(annotations)) expect(checkTemplate(text), field).toBeUndefined();
      expect(annotations.runbook_url).toMatch(new RegExp(`/docs/runbooks/alerts\\.md#${name.toLowerCase()}$`));
      if (!withoutValue.includes(name)) expect(annotations.description).toMatch(/\{\{[^}]*\$value/);
    }
  });

  it('has the labels for routing', () => {
    for (const { expr, labels } of rulesOf(name)) {
      expect(labels).toMatchObject({ namespace: 'desk', tradingpipeline: 'tp' });
      expect(['info', 'warning', 'critical']).toContain(labels.severity);
      // If the rule does not set the label `service`, its expression must return series with this label.
      if (labels.service === undefined) expect(expr).toMatch(/\bby \([^)]*\bservice\b/);
    }
  });

  it('opens its dashboard, and sets only variables that the dashboard has', () => {
    const definition = isAlertName(name) ? alertDefinition(name) : objectiveAlerts[name];
    for (const { dashboard_url: url = '' } of annotated(name)) {
      const [path, query = ''] = url.split('?');
      expect(path).toBe(`/d/${dashboards[definition.dashboard].uid}`);
      const chosen = Object.fromEntries(query.split('&').map((part) => part.split('=')));
      expect(chosen['var-namespace']).toBe('desk');
      for (const variable of Object.keys(chosen))
        expect(listVariables(definition.dashboard).map((one) => `var-${one}`)).toContain(variable);
    }
  });

  it('narrows the dashboard to the service and pipeline of its labels', () => {
    for (const { expr, annotations = {} } of rulesOf(name)) {
      const { dashboard_url: url = '' } = annotations;
      for (const label of ['service', 'pipeline_id'] as const) {
        const carried = new RegExp(`^[^\\n]*\\bby \\([^)]*\\b${label}\\b`).test(expr);
        const shown = listVariables((isAlertName(name) ? alertDefinition(name) : objectiveAlerts[name]).dashboard);
        if (carried && shown.includes(label)) expect(url).toContain(`var-${label}={{ $labels.${label} | urlquery }}`);
      }
    }
  });
});

function isAlertName(name: string): name is AlertName {
  return (alertNames as readonly string[]).includes(name);
}

describe('dashboard_url', () => {
  const urlOf = (alert: string, alerts?: object, more?: Partial<CompileInput>) =>
    allAlerts(alerts, more).find((rule) => rule.alert === alert)?.annotations?.dashboard_url;

  it('begins with the URL of Grafana if the resource sets it', () => {
    expect(urlOf('ServiceDown')).toBe('/d/trading-system-overview?var-namespace=desk&var-service=backend');
    expect(urlOf('ServiceDown', { grafanaUrl: 'https://g.example/grafana' })).toBe(
      'https://g.example/grafana/d/trading-system-overview?var-namespace=desk&var-service=backend',
    );
  });

  it.each(['https://g/', 'g.example', 'https://g?x=1', 'https://g#x', 'https://{{ g }}', 'ftp://g'])(
    'refuses %s as a URL',
    (grafanaUrl) => {
      expect(parseTradingPipelineSpec({ alerts: { grafanaUrl } })).toMatchObject({
        problems: [expect.stringContaining('spec.alerts.grafanaUrl')],
      });
    },
  );

  it('links to the dashboard of this resource if another resource has the plain uid', () => {
    const url = urlOf('PipelineBudgetExhausted', {}, { qualifiedDashboards: new Set(['cost']) });
    expect(url).toMatch(/^\/d\/trading-cost-[0-9a-f]{8}\?var-namespace=desk&var-pipeline_id=/);
    expect(urlOf('ServiceDown', {}, { qualifiedDashboards: new Set(['cost']) })).toContain('/trading-system-overview?');
  });
});

it.each(dashboardNames)('listVariables names the variables of the dashboard %s', (name) => {
  const { templating } = buildDashboard(name, { services: ['backend'], namespace: 'desk' }) as {
    templating: { list: { name: string }[] };
  };
  expect(listVariables(name)).toEqual(templating.list.map((variable) => variable.name));
});
