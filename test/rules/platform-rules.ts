import { type AlertName, alertNames } from '#catalogue/alerts.ts';
import { serviceNames } from '#catalogue/services.ts';
import { compile } from '#controller/compile/compile.ts';
import type { AlertRule } from '#controller/compile/objects/generated-object.ts';
import { specOf } from '../support/spec-of.ts';
import { type AlertCase, buildAlertTest } from './alert-case.ts';

/**
 * The rules of a TradingPipeline that lists all services, enables every alert, and has defaults for everything else.
 */
export const platformRules: { readonly groups: readonly { readonly rules: readonly AlertRule[] }[] } = compileRules();

function compileRules(): { groups: { rules: AlertRule[] }[] } {
  const spec = specOf({
    services: serviceNames.map((name) => ({ name })),
    alerts: { rules: Object.fromEntries(alertNames.map((name) => [name, { enabled: true }])) },
  });
  const { objects } = compile({ owner: { namespace: 'desk', name: 'platform', uid: 'u' }, spec });
  return objects.find(({ kind }) => kind === 'PrometheusRule')?.spec as ReturnType<typeof compileRules>;
}

/** Returns the rules of one alert. An alert that is generated for each service has several rules. */
export function rulesOfAlert(alert: AlertName): readonly AlertRule[] {
  return platformRules.groups.flatMap((group) => group.rules.filter((rule) => rule.alert === alert));
}

/** Builds the promtool test of a case, with the platform's rules. */
export function buildPlatformTest(one: AlertCase<AlertName>): object {
  const rules = rulesOfAlert(one.alert);
  const rule = rules.find(({ labels }) => labels.service === one.labels?.service) ?? rules[0];
  const labels = { ...one.labels, namespace: 'desk', tradingpipeline: 'platform' };
  return buildAlertTest(one, { labels, annotations: rule?.annotations ?? {} });
}
