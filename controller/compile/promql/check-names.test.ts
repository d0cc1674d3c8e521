import { describe, expect, it } from 'vitest';
import { checkPromql } from '#base/promql/check-promql.ts';
import { dashboardNames } from '#catalogue/dashboards.ts';
import { objectiveNames } from '#catalogue/objectives.ts';
import { serviceNames } from '#catalogue/services.ts';
import { buildDashboard } from '#dashboards/index.ts';
import type { RenderedDashboard } from '#dashboards/rendered-dashboard.ts';
import { openVariables } from '#dashboards/variables.ts';
import { specOf } from '../../../test/support/spec-of.ts';
import { compile } from '../compile.ts';
import { groupsOf } from '../objects/generated-object.ts';
import { buildOperatorAlerts } from '../objects/operator-monitoring.ts';
import { checkNames, matchExternal } from './check-names.ts';

const check = (expr: string, external: readonly string[] = []) => checkNames(expr, matchExternal(external));

const wrong: readonly (readonly [expr: string, message: string])[] = [
  [
    'rate(pipeline_execution_total[5m])',
    'there is no metric pipeline_execution_total; do you mean pipeline_executions_total? Otherwise list it under spec.externalMetrics (at position 6)',
  ],
  [
    'my_orders_total > 1',
    'there is no metric my_orders_total; if it comes from elsewhere, list it under spec.externalMetrics (at position 1)',
  ],
  [
    'pipeline_execution_duration_seconds > 1',
    'pipeline_execution_duration_seconds is a histogram: its series are pipeline_execution_duration_seconds_bucket, pipeline_execution_duration_seconds_sum and pipeline_execution_duration_seconds_count (at position 1)',
  ],
  ['kafka_publish_success > 1', 'there is no metric kafka_publish_success; do you mean kafka_publish_success_total?'],
  [
    'objective:burn_rates:ratio > 1',
    'there is no metric objective:burn_rates:ratio; do you mean objective:burn_rate:ratio?',
  ],
  ['{__name__="pipeline_execution_total"}', 'there is no metric pipeline_execution_total; do you mean'],
  [
    'pipeline_executions_total{pipeline="x"}',
    'pipeline_executions_total has no label pipeline; do you mean pipeline_id? (at position 27)',
  ],
  ['up > 0 and absent(db_pool_size{le="1"})', 'db_pool_size has no label le (at position 32)'],
  [
    'sum by (pipeline) (rate(pipeline_executions_total[5m]))',
    'no series has the label pipeline here; do you mean pipeline_id? (at position 9)',
  ],
  ['sum without (statuss) (pipeline_executions_total)', 'no series has the label statuss here; do you mean status?'],
  ['sum by (status) (sum by (pipeline_id) (pipeline_executions_total))', 'no series has the label status here'],
  [
    'sum by (job) (signals_consumed_total) / on (symbol) sum by (job) (signals_rejected_total)',
    'no series has the label symbol here',
  ],
  [
    'sum by (job) (signals_consumed_total) / on (job) group_left (team) sum by (job) (signals_rejected_total)',
    'no series has the label team here',
  ],
  ['db_pool_size - ignoring (xyz) db_active_connections', 'no series has the label xyz here'],
  ['label_replace(db_pool_size, "a", "$1", "nodename", "(.*)")', 'no series has the label nodename here'],
  [
    'histogram_quantile(0.9, sum(rate(batch_size_bucket[5m])))',
    'histogram_quantile() needs the label le, which is aggregated away: write sum by (le) (at position 25)',
  ],
  [
    'max_over_time(sum(celery_tasks_totl)[5m:1m])',
    'there is no metric celery_tasks_totl; do you mean celery_tasks_total?',
  ],
  [
    'sum by (le) (histogram_quantile(0.9, rate(batch_size_bucket[5m])))',
    'no series has the label le here (at position 9)',
  ],
  ['-(celery_tasks_totl offset 5m)', 'there is no metric celery_tasks_totl'],
];

const right = [
  'up == 0 or absent(up{job="backend"})',
  'sum by (le, pod) (rate(pipeline_execution_duration_seconds_bucket{status="success",le!="+Inf"}[5m])) > 1',
  'histogram_quantile(0.9, sum by (le) (rate(batch_size_bucket[5m]))) > 1',
  'rate(pipeline_execution_duration_seconds_sum[5m]) / rate(pipeline_execution_duration_seconds_count[5m])',
  'objective:burn_rate:ratio{objective="a",window="1h"} > 14',
  'ALERTS{alertname="X",team="desk"} == 1',
  'sum by (anything) (job:of_somebody:rate5m)',
  'count by (node) (kube_pod_info * on (node) group_left (zone) kube_node_labels)',
  'sum by (topic) (kafka_consumergroup_lag) + redis_connected_clients + redis_commands_duration_seconds_total + pg_up',
  'process_cpu_seconds_total + nodejs_eventloop_lag_p99_seconds + go_goroutines + container_memory_working_set_bytes',
  'node_memory_MemAvailable_bytes + kubelet_volume_stats_used_bytes + scrape_duration_seconds + apiserver_request_total',
  'prometheus_tsdb_head_series + alertmanager_alerts + process_start_time_seconds + workqueue_depth',
  '{__name__=~"pipeline_.+",anything="x"}',
  '{job="backend"}',
  'sum(websocket_connections_active{exported_endpoint="/api/v1/stream"})',
  'sum by (a) (label_replace(db_pool_size, "a", "$1", "instance", "(.*)"))',
  'count_values("version", db_pool_size) by (job) > 0 and on (version, job) count_values("version", db_pool_size) by (job)',
  'topk(3, sum by (table) (rate(database_queries_total[5m])))',
  'sum(db_pool_size) or on () vector(0)',
  'sum by (job) (signals_consumed_total) or on (job) vector(0)',
  'hour() > 8 and on () sum(db_pool_size) > scalar(sum(db_active_connections))',
  'label_replace(db_pool_size, "part", "0", "", "")',
  'vector(1) # db_pool_sise',
];

describe('checkNames', () => {
  it.each(wrong)('%s: reports the unknown name and its position', (expr, message) => {
    expect(checkPromql(expr)).toBeUndefined();
    expect(check(expr)).toContain(message);
  });

  it.each(right)('accepts %s', (expr) => {
    expect(checkPromql(expr)).toBeUndefined();
    expect(check(expr)).toBeUndefined();
  });

  it('accepts any label of external metrics, by name or by prefix', () => {
    const expr = 'sum by (desk) (my_orders_total{x="y"}) / my_total';
    expect(check(expr, ['my_orders_total'])).toMatch(/^there is no metric my_total/);
    expect(check(expr, ['my_orders_*', 'my_total'])).toBeUndefined();
    expect(check(expr, ['*'])).toBeUndefined();
    expect(check('db_pool_size{team="a"}', ['db_pool_size'])).toBeUndefined();
  });
});

describe('the queries of the platform itself', () => {
  it('read metrics and labels that exist, in all rules of a resource', () => {
    const raw = {
      services: serviceNames.map((name) => ({ name })),
      alerts: { rules: { NoActiveBotsRunning: { enabled: true } } },
      objectives: objectiveNames.map((name) => ({ name })),
    };
    const pipeline = { trigger: { mode: 'manual' }, tickers: ['GOOG'], budget: { dailyUsd: 1 } };
    for (const spec of [raw, { ...raw, pipeline }]) {
      const { objects } = compile({ owner: { namespace: 'desk', name: 'tp', uid: '' }, spec: specOf(spec) });
      const rules = objects.flatMap(groupsOf).flatMap((group) => group.rules);
      expect(rules.length).toBeGreaterThan(40);
      expect(rules.map(({ expr }) => [expr, check(expr)]).filter(([, problem]) => problem)).toEqual([]);
    }
  });

  it('read metrics and labels that exist, in all alerts on the operator', () => {
    const rules = buildOperatorAlerts({ namespace: 'trading-platform', runbookBaseUrl: 'https://runbooks.example' });
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.map(({ expr }) => [expr, check(expr)]).filter(([, problem]) => problem)).toEqual([]);
  });

  it.each(dashboardNames)('read metrics and labels that exist, in every query of the dashboard %s', (name) => {
    const { panels } = buildDashboard(name, { services: [] }) as RenderedDashboard;
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => openVariables(expr)));
    expect(queries.length).toBeGreaterThan(0);
    expect(queries.map((expr) => [expr, check(expr)]).filter(([, problem]) => problem)).toEqual([]);
  });
});
