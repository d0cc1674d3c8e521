import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { type DashboardName, dashboards } from '#catalogue/dashboards.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import { DATASOURCE } from './kinds/query.ts';
import { palette } from './kinds/thresholds.ts';
import { alertAnnotations } from './queries/health.ts';
import { buildVariables, openAbsentVariables, type VariableName } from './variables.ts';

/** Every dashboard of the platform has this tag; the links between dashboards find the dashboards by this tag. */
const DASHBOARD_TAG = 'trading-platform';

/** Builds a dashboard without panels: identity, time range, variables, annotations and links. */
export function buildFrame(
  name: DashboardName,
  variables: readonly VariableName[],
  options: DashboardOptions,
): dashboard.Dashboard {
  const { uid, title, description } = dashboards[name];
  const frame = new dashboard.DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([DASHBOARD_TAG])
    .readonly()
    .time({ from: 'now-1h', to: 'now' })
    .refresh('5s')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .variables(buildVariables(variables, options))
    .annotations([firingAlertMarks(openAbsentVariables(alertAnnotations.promql, variables, options))])
    .links([siblingDashboards()])
    .build();
  return removePlacements(frame);
}

function firingAlertMarks(promql: string): dashboard.AnnotationQueryBuilder {
  return new dashboard.AnnotationQueryBuilder()
    .name('Firing alerts')
    .datasource(DATASOURCE)
    .enable(true)
    .hide(false)
    .iconColor(palette.bad)
    .expr(promql)
    .step('15s')
    .titleFormat('{{alertname}}')
    .textFormat('{{severity}} {{service}} {{pipeline_id}}')
    .tagKeys('severity,service,pipeline_id');
}

function siblingDashboards(): dashboard.DashboardLinkBuilder {
  return new dashboard.DashboardLinkBuilder('Trading platform')
    .type(dashboard.DashboardLinkType.Dashboards)
    .tags([DASHBOARD_TAG])
    .icon('external link')
    .tooltip('The other dashboards of the platform, at this time and with these variables')
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true)
    .targetBlank(false);
}

/**
 * Removes the field `placement` that the SDK sets on links and annotations. With that field Grafana hides them in a menu,
 * without it they are shown in the top bar.
 */
function removePlacements(frame: dashboard.Dashboard): dashboard.Dashboard {
  const annotations = (frame.annotations.list ?? []).map(({ placement: _, ...annotation }) => annotation);
  const links = (frame.links ?? []).map(({ placement: _, ...link }) => link);
  return { ...frame, annotations: { list: annotations }, links };
}
