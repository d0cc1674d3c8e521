import type { RenderedDashboard, RenderedPanel } from '#dashboards/rendered-dashboard.ts';
import type { RuleName } from './rules.ts';

/** Changes a dashboard so that it violates a rule. */
type Break = (dashboard: RenderedDashboard) => void;

function panelOf(dashboard: RenderedDashboard, type: string): RenderedPanel {
  const panel = dashboard.panels.find((candidate) => candidate.type === type);
  if (!panel) throw new Error(`the dashboard has no panel of the type ${type} to break`);
  return panel;
}

function ask(expr: string, type = 'timeseries'): Break {
  return (dashboard) => {
    const [target] = panelOf(dashboard, type).targets ?? [];
    if (target) target.expr = expr;
  };
}

function change(type: string, breakIt: (panel: RenderedPanel) => void): Break {
  return (dashboard) => breakIt(panelOf(dashboard, type));
}

/** For each rule, changes of a dashboard that violate the rule. The rule must report each of them. */
export const breaks: Readonly<Record<RuleName, readonly Break[]>> = {
  'one data source variable, used everywhere': [
    (dashboard) => dashboard.templating.list.shift(),
    change('gauge', (panel) => {
      panel.datasource = { type: 'prometheus', uid: 'prometheus' };
    }),
    change('stat', (panel) => {
      panel.targets![0]!.datasource = undefined;
    }),
  ],
  'every query parses': [ask('sum(rate(batch_size_sum[5m])'), ask('up{job=}')],
  'metrics exist in the catalogue': [
    ask('pipeline_execution_total'),
    ask('batch_size'),
    ask('pipelines_matched_total_sum'),
  ],
  'labels exist on their metric': [ask('sum by (symbol) (batch_size_sum)'), ask('pipelines_matched_total{topic="x"}')],
  'variables ask for labels that exist': [
    (dashboard) => {
      dashboard.templating.list[2]!.query = 'label_values(up{job="backend"}, signal_type)';
    },
    (dashboard) => {
      dashboard.templating.list[2]!.query = 'label_values(signals, signal_type)';
    },
  ],
  'counters stand under a rate': [
    ask('sum (pipelines_matched_total)'),
    ask('sum (max_over_time(pipelines_matched_total[$__rate_interval]))'),
    ask('pipelines_matched_total @ 1'),
    ask('sum (process_cpu_seconds_total)'),
  ],
  'windows follow the resolution': [
    ask('rate(pipelines_matched_total[5m])'),
    ask('rate(pipelines_matched_total[$time_range])'),
  ],
  'counts of a minute are summed': [
    ask('sum (job:pipelines_matched:increase1m)'),
    ask('sum (max_over_time(job:pipelines_matched:increase1m[$time_range]))'),
    ask('sum (avg_over_time(job:pipelines_matched:increase1m[$time_range]))'),
    ask('sum (sum_over_time(job:pipelines_matched:increase1m[$__rate_interval]))'),
  ],
  'long windows are recorded': [ask('sum (increase(pipelines_matched_total[$time_range]))')],
  'buckets of pipelines are recorded': [
    ask('sum by (le) (rate(pipeline_execution_duration_seconds_bucket[$__rate_interval]))'),
  ],
  'query variables refresh and are sorted': [
    (dashboard) => {
      dashboard.templating.list[2]!.refresh = 1;
    },
    (dashboard) => {
      dashboard.templating.list[2]!.sort = 0;
    },
  ],
  'variables are defined, and filter': [
    ask('up{job="$jobs"}'),
    (dashboard) => dashboard.templating.list.push({ ...dashboard.templating.list[2]!, name: 'ticker' }),
  ],
  'title, description and unit': [
    change('heatmap', (panel) => {
      panel.fieldConfig!.defaults.unit = 'seconds';
    }),
    change('heatmap', (panel) => {
      panel.description = 'A heatmap';
    }),
    change('gauge', (panel) => {
      panel.fieldConfig!.defaults.noValue = undefined;
    }),
  ],
  'not editable, stable uid, unique ids': [
    (dashboard) => {
      dashboard.editable = true;
    },
    (dashboard) => {
      dashboard.uid = 'x'.repeat(41);
    },
    (dashboard) => {
      dashboard.panels[3]!.id = 1;
    },
  ],
  'no overlap, no empty cell': [
    change('gauge', (panel) => {
      panel.gridPos.w -= 1;
    }),
    change('gauge', (panel) => {
      panel.gridPos.h += 1;
    }),
  ],
  'a drop-down of siblings': [
    (dashboard) => {
      dashboard.links[0]!.keepTime = false;
    },
  ],
  'series and rows link onward': [
    change('bargauge', (panel) => {
      panel.fieldConfig!.defaults.links = [];
    }),
    change('table', (panel) => {
      panel.fieldConfig!.defaults.links = [{ title: 'x', url: '/d/x?var-service=y' }];
    }),
    change('table', (panel) => {
      panel.fieldConfig!.defaults.links![0]!.url += '&var-ticker=y';
    }),
  ],
  'shared crosshair, 5 s, last hour': [
    (dashboard) => {
      dashboard.graphTooltip = 0;
    },
  ],
  'minimum interval is the scrape interval': [
    change('stat', (panel) => {
      panel.interval = '30s';
    }),
  ],
  'gauges have a range and thresholds': [
    change('gauge', (panel) => {
      panel.fieldConfig!.defaults.max = undefined;
    }),
    change('gauge', (panel) => panel.fieldConfig!.defaults.thresholds!.steps.reverse()),
  ],
  'limits are dashed lines': [
    (dashboard) => {
      for (const panel of dashboard.panels) if (panel.fieldConfig) panel.fieldConfig.defaults.custom = {};
    },
  ],
  'one colour means one thing': [
    (dashboard) => {
      const coloured = dashboard.panels.filter((panel) => (panel.fieldConfig?.overrides ?? []).length > 0);
      const [first, second] = coloured;
      const colour = { id: 'color', value: { fixedColor: 'pink' } };
      second!.fieldConfig!.overrides = [{ ...first!.fieldConfig!.overrides[0]!, properties: [colour] }];
      first!.fieldConfig!.overrides[0]!.properties = [{ id: 'color', value: { fixedColor: 'green' } }];
    },
  ],
  'legends where there are many series': [
    change('timeseries', (panel) => {
      panel.targets![0]!.legendFormat = undefined;
    }),
    change('timeseries', (panel) => {
      panel.options!.legend!.displayMode = 'list';
    }),
  ],
  'the cluster variable is hidden': [
    (dashboard) => {
      dashboard.templating.list[1]!.hide = 0;
    },
  ],
  'firing alerts are marked': [
    (dashboard) => {
      dashboard.annotations.list[0]!.expr = 'ALERTS{alertstate="firing"}';
    },
  ],
  'exemplars on histograms': [
    change('heatmap', (panel) => {
      panel.targets![0]!.exemplar = false;
    }),
  ],
  'small enough for a ConfigMap': [
    (dashboard) => {
      dashboard.description = 'x'.repeat(250_000);
    },
  ],
  'no NaN on a quiet service': [
    ask('sum (rate(pipelines_enqueued_total[1m])) / (sum (rate(pipelines_matched_total[1m])))'),
    ask('sum (rate(pipelines_enqueued_total[1m])) / 0'),
    ask('1 - sum (rate(pipelines_enqueued_total[1m])) / sum (rate(pipelines_matched_total[1m])) / 0.05'),
    ask('histogram_quantile(0.5, batch_size_bucket)'),
    ask('topk(10, histogram_quantile(0.5, batch_size_bucket)) >= 0'),
  ],
  'tables and scatters join their queries': [
    change('table', (panel) => {
      panel.transformations = [];
    }),
    change('table', (panel) => panel.targets!.push({ ...panel.targets![0]!, refId: 'B' })),
    change('table', (panel) => {
      panel.targets![0]!.format = 'time_series';
    }),
  ],
};
