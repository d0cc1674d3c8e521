import * as units from '@grafana/grafana-foundation-sdk/units';
import type { RenderedDashboard, RenderedPanel, RenderedTarget } from '#dashboards/rendered-dashboard.ts';
import { readQuery } from './promql-reader.ts';
import { isCounter, isMinuteCount, resolveMetric, scrapeSeconds } from './queried-series.ts';

/** A rule that every dashboard must keep. Returns the violations of a rendered dashboard, each with the panel's title. */
type Rule = (dashboard: RenderedDashboard) => string[];

const DATASOURCE = JSON.stringify({ type: 'prometheus', uid: `\${datasource}` });
const MOST_BYTES = 250_000;
const GRID = 24;
const knownUnits = new Set<string>(Object.values(units).filter((unit) => typeof unit === 'string'));

const valuePanels = (dashboard: RenderedDashboard) => dashboard.panels.filter((panel) => panel.type !== 'row');

/** Builds a rule from a check of one panel. */
function ofPanels(complain: (panel: RenderedPanel) => readonly (string | undefined | false)[]): Rule {
  return (dashboard) =>
    valuePanels(dashboard).flatMap((panel) =>
      complain(panel).flatMap((text) => (text ? [`panel "${panel.title}": ${text}`] : [])),
    );
}

/** Builds a rule from a check of one query of a panel. */
function ofTargets(
  complain: (target: RenderedTarget, panel: RenderedPanel) => readonly (string | undefined | false)[],
): Rule {
  return ofPanels((panel) => (panel.targets ?? []).flatMap((target) => complain(target, panel)));
}

const oneDatasource: Rule = (dashboard) => {
  const variables = dashboard.templating.list.filter((variable) => variable.type === 'datasource');
  const wrong = (where: string, datasource: unknown) =>
    JSON.stringify(datasource) === DATASOURCE ? [] : [`${where} does not use \${datasource}`];
  return [
    ...(variables.length === 1 ? [] : ['there must be one datasource variable']),
    ...valuePanels(dashboard).flatMap((panel) => [
      ...wrong(`panel "${panel.title}"`, panel.datasource),
      ...(panel.targets ?? []).flatMap((target) =>
        wrong(`panel "${panel.title}", query ${target.refId}`, target.datasource),
      ),
    ]),
    ...dashboard.annotations.list.flatMap((annotation) =>
      wrong(`annotation "${annotation.name}"`, annotation.datasource),
    ),
    ...dashboard.templating.list.flatMap((variable) =>
      variable.type === 'query' ? wrong(`variable ${variable.name}`, variable.datasource) : [],
    ),
  ];
};

const queriesParse: Rule = ofTargets(({ expr }) => {
  try {
    readQuery(expr);
    return [];
  } catch (error) {
    return [String(error)];
  }
});

/** The query of a variable uses only labels that its series has. */
const variablesAskWhatExists: Rule = (dashboard) =>
  dashboard.templating.list
    .filter((variable) => variable.type === 'query')
    .flatMap(({ name, query }) => {
      const [, series = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
      const { metric = '', labels = [] } = readQuery(series || 'none').selectors[0] ?? {};
      const known = resolveMetric(metric)?.labels ?? [];
      return [label, ...labels]
        .filter((used) => !known.includes(used))
        .map((used) => `variable ${name}: ${metric} has no label ${used}`);
    });

const metricsExist: Rule = ofTargets(({ expr }) =>
  readQuery(expr).selectors.map(({ metric }) => !resolveMetric(metric) && `${metric} is not in the catalogue`),
);

const labelsExist: Rule = ofTargets(({ expr }) => {
  const { selectors, groupings } = readQuery(expr);
  const missing = (metric: string, labels: readonly string[]) =>
    labels
      .filter((label) => !resolveMetric(metric)?.labels.includes(label))
      .map((label) => `${metric} has no label ${label}`);
  return [
    ...selectors.flatMap(({ metric, labels }) => missing(metric, labels)),
    ...groupings.flatMap(({ labels, metrics: below }) => below.flatMap((metric) => missing(metric, labels))),
  ];
});

const countersUnderRates: Rule = ofTargets(({ expr }) =>
  readQuery(expr).selectors.map(({ metric, within = 'nothing', isEmpty }) => {
    if (!isCounter(metric) || isEmpty || ['rate', 'irate', 'increase'].includes(within)) return undefined;
    return `counter ${metric} stands under ${within}, not under rate, irate or increase`;
  }),
);

/** Queries must sum the increases that are recorded each minute over their window, or average them for a rate. */
const minutesAreSummed: Rule = ofTargets(({ expr }) =>
  readQuery(expr).selectors.map(({ metric, window, within = 'nothing' }) => {
    if (!isMinuteCount(metric)) return undefined;
    const wanted = window === '$__rate_interval' ? 'avg_over_time' : 'sum_over_time';
    return within !== wanted && `${metric} stands under ${within}, not under ${wanted}`;
  }),
);

/** Long windows must use recorded series: over counters, they would read every sample of every replica at each refresh. */
const longWindowsAreRecorded: Rule = ofTargets(({ expr }) =>
  readQuery(expr).selectors.map(({ metric, window = '$__rate_interval' }) => {
    if (!isCounter(metric) || window === '$__rate_interval') return undefined;
    return `${metric}[${window}] reads the counters; use the series that is recorded each minute`;
  }),
);

/**
 * A histogram with the label pipeline_id must be queried by recorded series, because it has one series for each bucket,
 * pipeline and replica, which are too many to query at each refresh.
 */
const pipelineBucketsAreRecorded: Rule = ofTargets(({ expr }) =>
  readQuery(expr).selectors.map(({ metric, isEmpty }) => {
    const grows = metric.endsWith('_bucket') && resolveMetric(metric)?.labels.includes('pipeline_id');
    return (
      grows &&
      !isEmpty &&
      `${metric} has a series for each bucket of each pipeline; use the series that is recorded each minute`
    );
  }),
);

/** Returns whether the title of a panel names the window of a query. */
function windowIsNamed(title: string, window: string): boolean {
  return title.includes(window.replace(/(?<=\d)(?=[a-z])/, ' ')) || (window === '1h' && title.includes('last hour'));
}

const windowsFollow: Rule = ofTargets(({ expr }, panel) =>
  readQuery(expr).selectors.map(({ window, within = '' }) => {
    if (!window || window === '$__rate_interval') return undefined;
    const isTotal = ['sum_over_time', 'changes'].includes(within);
    if (isTotal && (window === '$time_range' || windowIsNamed(panel.title, window))) return undefined;
    return `${within}(…[${window}]) does not follow $__rate_interval, and neither $time_range nor the title names the window`;
  }),
);

const variablesRefresh: Rule = (dashboard) =>
  dashboard.templating.list
    .filter((variable) => variable.type === 'query')
    .flatMap(({ name, refresh, sort }) => [
      ...(refresh === 2 ? [] : [`variable ${name} does not refresh when the time range changes`]),
      ...(sort ? [] : [`variable ${name} is not sorted`]),
    ]);

function usedVariables(text: string): string[] {
  const names = [...text.matchAll(/\$\{?([a-zA-Z_][a-zA-Z0-9_]*)/g)].map(([, name]) => name ?? '');
  return names.filter((name) => !name.startsWith('__'));
}

const variablesDefined: Rule = (dashboard) => {
  const defined = dashboard.templating.list.map((variable) => variable.name);
  const used = new Set(usedVariables(JSON.stringify(dashboard)));
  const queries = valuePanels(dashboard).flatMap((panel) => (panel.targets ?? []).map((target) => target.expr));
  const filtering = new Set(usedVariables(queries.join(' ')));
  return [
    ...[...used].filter((name) => !defined.includes(name)).map((name) => `$${name} is used and not defined`),
    ...defined
      .filter((name) => name !== 'datasource' && !filtering.has(name))
      .map((name) => `variable ${name} filters no panel`),
  ];
};

const unitsAndWords: Rule = ofPanels((panel) => {
  const unit = panel.fieldConfig?.defaults.unit;
  return [
    !panel.title && 'has no title',
    (panel.description ?? '').length < 20 && 'has no description that explains it',
    !unit && 'has no unit',
    unit && !knownUnits.has(unit) && `Grafana has no unit ${unit}`,
    !panel.fieldConfig?.defaults.noValue && 'does not say what an empty panel means',
  ];
});

const identity: Rule = (dashboard) => {
  const ids = dashboard.panels.map((panel) => panel.id);
  const titles = valuePanels(dashboard).map((panel) => panel.title);
  return [
    ...(dashboard.editable ? ['is editable'] : []),
    ...(dashboard.uid.length > 0 && dashboard.uid.length <= 40
      ? []
      : [`uid ${dashboard.uid} must have 1 to 40 characters`]),
    ...(dashboard.schemaVersion === 42 ? [] : ['is not of the classic form, schemaVersion 42']),
    ...twice(ids).map((id) => `two panels have the id ${id}`),
    ...ids.filter((id) => !(id > 0)).map((id) => `panel id ${id} is not positive`),
    ...twice(titles).map((title) => `two panels have the title "${title}"`),
  ];
};

function twice<T>(values: readonly T[]): T[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

const gridIsFull: Rule = (dashboard) => {
  const owners = new Map<string, string>();
  const complaints: string[] = [];
  let bottom = 0;
  for (const { title, gridPos } of dashboard.panels) {
    for (const cell of cellsOf(gridPos)) {
      const owner = owners.get(cell);
      if (owner) complaints.push(`panels "${owner}" and "${title}" overlap at ${cell}`);
      owners.set(cell, title);
    }
    bottom = Math.max(bottom, gridPos.y + gridPos.h);
    if (gridPos.x + gridPos.w > GRID) complaints.push(`panel "${title}" is wider than the grid`);
  }
  const all = cellsOf({ x: 0, y: 0, w: GRID, h: bottom });
  return [...complaints, ...all.filter((cell) => !owners.has(cell)).map((cell) => `the grid is empty at ${cell}`)];
};

function cellsOf({ x, y, w, h }: RenderedPanel['gridPos']): string[] {
  return Array.from({ length: w * h }, (_, index) => `${x + (index % w)}/${y + Math.floor(index / w)}`);
}

const siblingLinks: Rule = (dashboard) => {
  const [tag = ''] = dashboard.tags;
  const links = dashboard.links.filter((link) => link.type === 'dashboards' && link.tags.includes(tag));
  const good = links.some((link) => link.asDropdown && link.includeVars && link.keepTime && !link.placement);
  return good ? [] : ['has no drop-down of the dashboards with its tag that keeps time and variables'];
};

/**
 * Series and rows that name a service, a pipeline or a type of signal link to a dashboard that shows only that service,
 * pipeline or type.
 */
const linksOnward: Rule = (dashboard) =>
  ofPanels((panel) => {
    const links = panel.fieldConfig?.defaults.links ?? [];
    const named = (panel.targets ?? []).some(({ legendFormat = '' }) =>
      /\{\{(pipeline_id|bot_id|signal_type|job)\}\}/.test(legendFormat),
    );
    const lost = links.flatMap(({ url }) => variablesLost(dashboard, url));
    const defined = dashboard.templating.list.map((variable) => variable.name);
    const invented = links
      .flatMap(({ url }) => [...url.matchAll(/var-(\w+)=/g)].map(([, name]) => name ?? ''))
      .filter((name) => !defined.includes(name));
    return [
      (named || panel.type === 'table') &&
        links.length === 0 &&
        'names a pipeline, service or type of signal and has no link',
      lost.length > 0 && `its link loses ${lost.join(', ')}`,
      invented.length > 0 && `its link sets ${invented.join(', ')}, which the dashboard does not have`,
    ];
  })(dashboard);

function variablesLost(dashboard: RenderedDashboard, url: string): string[] {
  const kept = dashboard.templating.list.map((variable) => variable.name);
  const lost = kept.filter((name) => !url.includes(`\${${name}:queryparam}`) && !url.includes(`var-${name}=`));
  return url.includes(`\${__url_time_range}`) ? lost : [...lost, 'the time range'];
}

const liveAndShared: Rule = (dashboard) => [
  ...(dashboard.graphTooltip === 1 ? [] : ['does not share its crosshair']),
  ...(dashboard.refresh === '5s' ? [] : ['does not refresh every 5 s']),
  ...(dashboard.time.from === 'now-1h' && dashboard.time.to === 'now' ? [] : ['does not open on the last hour']),
];

const minimumInterval: Rule = ofPanels((panel) => {
  const read = (panel.targets ?? []).flatMap(({ expr }) => readQuery(expr).selectors.map(({ metric }) => metric));
  const longest = `${Math.max(...read.flatMap(scrapeSeconds))}s`;
  return [panel.interval !== longest && `its minimum interval is ${panel.interval}, the scrape interval ${longest}`];
});

const gauges: Rule = ofPanels(({ type, fieldConfig }) => {
  if (type !== 'gauge' || !fieldConfig) return [];
  const { min, max, thresholds } = fieldConfig.defaults;
  const values = (thresholds?.steps ?? []).flatMap(({ value }) => (value === null ? [] : [value]));
  return [
    (min === undefined || max === undefined) && 'a gauge needs min and max',
    values.length < 2 && 'a gauge needs two thresholds',
    values.some((value, index) => index > 0 && value <= (values[index - 1] ?? value)) && 'its thresholds do not rise',
  ];
});

const limitsAreDashed: Rule = ofPanels(({ type, fieldConfig }) => {
  const { thresholds, custom } = fieldConfig?.defaults ?? {};
  if (type !== 'timeseries' || !thresholds) return [];
  const colours = new Set(thresholds.steps.filter(({ value }) => value !== null).map(({ color }) => color));
  return [
    custom?.thresholdsStyle?.mode !== 'dashed' && 'its limit is not a dashed line',
    (colours.size !== 1 || !colours.has('red')) && 'its limit does not have the colour of limits',
  ];
});

/** Wherever the colour of a series is fixed, series with the same name have the same colour. */
const coloursMeanOneThing: Rule = (dashboard) => {
  const seen = new Map<string, string>();
  return valuePanels(dashboard).flatMap((panel) =>
    (panel.fieldConfig?.overrides ?? []).flatMap(({ matcher, properties }) => {
      const colour = properties.find(({ id }) => id === 'color')?.value.fixedColor;
      if (!colour) return [];
      const before = seen.get(matcher.options) ?? colour;
      seen.set(matcher.options, before);
      return before === colour ? [] : [`panel "${panel.title}": ${matcher.options} is ${colour}, elsewhere ${before}`];
    }),
  );
};

const legends: Rule = ofPanels((panel) => {
  const targets = panel.targets ?? [];
  const legend = panel.options?.legend;
  const isTable = legend?.displayMode === 'table' && legend.showLegend && (legend.calcs ?? []).length > 0;
  return [
    panel.type === 'timeseries' && !isTable && 'its legend is not a table with calculations',
    ...targets.map(({ expr, refId, legendFormat }) => {
      if (legendFormat || ['table', 'xychart'].includes(panel.type)) return undefined;
      return (
        (targets.length > 1 || readQuery(expr).manySeries) && `query ${refId} can be many series and has no legend`
      );
    }),
  ];
});

const clusterVariable: Rule = (dashboard) => {
  const cluster = dashboard.templating.list.find((variable) => variable.name === 'cluster');
  if (!cluster) return ['has no cluster variable'];
  return cluster.hide === 2 && cluster.allValue === '.*'
    ? []
    : ['shows the cluster variable where there is one cluster'];
};

const alertMarks: Rule = (dashboard) => {
  const marks = dashboard.annotations.list.filter(({ enable, placement }) => enable && !placement);
  const narrowing = ['namespace', 'service', 'pipeline_id'].filter((name) =>
    dashboard.templating.list.some((variable) => variable.name === name),
  );
  const wanted = ['alertstate="firing"', 'tradingpipeline=~".+"', ...narrowing.map((name) => `$${name}|`)];
  const good = marks.some(({ expr }) => expr.startsWith('ALERTS{') && wanted.every((part) => expr.includes(part)));
  return good ? [] : ['does not mark the firing alerts of this platform, narrowed by the variables'];
};

const exemplars: Rule = ofTargets(({ expr, exemplar }, { type }) => {
  const wanted = readQuery(expr).selectors.some(({ metric }) => metric.endsWith('_bucket'));
  return [wanted && !exemplar && ['timeseries', 'heatmap'].includes(type) && 'a histogram without exemplars'];
});

const size: Rule = (dashboard) => {
  const bytes = Buffer.byteLength(JSON.stringify(dashboard, undefined, 2));
  return bytes < MOST_BYTES
    ? []
    : [`has ${bytes} bytes; a ConfigMap that kubectl can apply holds less than ${MOST_BYTES}`];
};

/** While nothing happens, a division by 0 and a quantile of an empty histogram would be NaN. */
const noNaN: Rule = ofTargets(({ expr }) => {
  const { divisors, bareQuantiles } = readQuery(expr);
  const unsafe = divisors.filter((divisor) => !/^(\(.* > 0\)|0?\.?[1-9][\d.]*|0\.\d*[1-9])$/s.test(divisor));
  return [
    ...unsafe.map((divisor) => `divides by a value that can be 0: ${divisor}`),
    ...bareQuantiles.map((quantile) => `shows NaN while the histogram is empty: ${quantile}`),
  ];
});

/** Tables and scatter plots join their instant queries by a common label, and drop the time columns of the queries. */
const joinsAreWhole: Rule = ofPanels(({ type, targets = [], transformations = [] }) => {
  if (!['table', 'xychart'].includes(type)) return [];
  const excluded = transformations.flatMap(({ id, options }) =>
    id === 'organize' ? Object.keys(options.excludeByName ?? {}) : [],
  );
  const joined = transformations.some(({ id, options }) => id === 'joinByField' && options.byField);
  const times = targets.length === 1 ? ['Time'] : targets.map((_, index) => `Time ${index + 1}`);
  return [
    targets.length > 1 && !joined && 'shows several queries and does not join them',
    ...times.filter((time) => !excluded.includes(time)).map((time) => `shows the column ${time}`),
    targets.some(({ format }) => format !== 'table') && 'has a query that is not in table format',
  ];
});

export const rules = {
  'one data source variable, used everywhere': oneDatasource,
  'every query parses': queriesParse,
  'metrics exist in the catalogue': metricsExist,
  'labels exist on their metric': labelsExist,
  'variables ask for labels that exist': variablesAskWhatExists,
  'counters stand under a rate': countersUnderRates,
  'windows follow the resolution': windowsFollow,
  'counts of a minute are summed': minutesAreSummed,
  'long windows are recorded': longWindowsAreRecorded,
  'buckets of pipelines are recorded': pipelineBucketsAreRecorded,
  'query variables refresh and are sorted': variablesRefresh,
  'variables are defined, and filter': variablesDefined,
  'title, description and unit': unitsAndWords,
  'not editable, stable uid, unique ids': identity,
  'no overlap, no empty cell': gridIsFull,
  'a drop-down of siblings': siblingLinks,
  'series and rows link onward': linksOnward,
  'shared crosshair, 5 s, last hour': liveAndShared,
  'minimum interval is the scrape interval': minimumInterval,
  'gauges have a range and thresholds': gauges,
  'limits are dashed lines': limitsAreDashed,
  'one colour means one thing': coloursMeanOneThing,
  'legends where there are many series': legends,
  'the cluster variable is hidden': clusterVariable,
  'firing alerts are marked': alertMarks,
  'exemplars on histograms': exemplars,
  'small enough for a ConfigMap': size,
  'no NaN on a quiet service': noNaN,
  'tables and scatters join their queries': joinsAreWhole,
} as const satisfies Record<string, Rule>;
export type RuleName = keyof typeof rules;
