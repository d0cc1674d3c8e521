import { describe, expect, it } from 'vitest';
import { average, quantile, rate, ratio, sumOf, total } from './expression.ts';
import { selectAlerts, selectMetric, selectUp } from './selector.ts';

const target = 'cluster=~"$cluster",namespace=~"$namespace",job=~"$service"';

describe('selectMetric', () => {
  it('narrows a metric by every variable whose label it has, and by no other', () => {
    expect(selectMetric('batch_size', {}, '_sum')).toBe(`batch_size_sum{${target}}`);
    expect(selectMetric('pipeline_executions_active')).toBe(
      `pipeline_executions_active{${target},pipeline_id=~"$pipeline_id"}`,
    );
    expect(selectMetric('signals_generated_total')).toBe(
      `signals_generated_total{${target},signal_type=~"$signal_type"}`,
    );
  });

  it('lets a matcher replace a variable', () => {
    expect(selectUp({ job: 'backend' })).toBe('up{cluster=~"$cluster",namespace=~"$namespace",job="backend"}');
  });

  it('escapes characters that would end the string', () => {
    expect(selectUp({ job: 'a"b\\c\n' })).toContain('job="a\\"b\\\\c\\n"');
  });

  it('takes only metrics, labels and values of the catalogue', () => {
    // @ts-expect-error a metric that nobody emits
    expect(() => selectMetric('pipeline_execution_total')).toThrow();
    // @ts-expect-error a label that the metric does not have
    selectMetric('batch_size', { ticker: 'GOOG' });
    // @ts-expect-error a value that the label never has
    selectMetric('pipeline_executions_total', { status: 'completed' });
  });
});

describe('selectAlerts', () => {
  it('keeps alerts of this platform that lack the label of a variable', () => {
    expect(selectAlerts('ALERTS')).toContain('pipeline_id=~"$pipeline_id|"');
    expect(selectAlerts('ALERTS')).toContain('tradingpipeline=~".+"');
  });

  it('matches no alertstate for ALERTS_FOR_STATE, which has none', () => {
    expect(selectAlerts('ALERTS_FOR_STATE')).not.toContain('alertstate');
  });
});

describe('expressions', () => {
  it('puts a counter under a rate, and refuses a bare one', () => {
    expect(rate('pipelines_skipped_running_total').promql).toBe(
      `sum(rate(pipelines_skipped_running_total{${target}}[$__rate_interval]))`,
    );
    // @ts-expect-error a counter cannot be shown bare
    sumOf('pipelines_skipped_running_total');
    // @ts-expect-error a gauge has no rate
    rate('celery_active_tasks');
  });

  it('sums the counts recorded each minute, and throws if a counter is not recorded', () => {
    expect(total('pipelines_matched_total', '24h').promql).toBe(
      `sum(sum_over_time(job:pipelines_matched:increase1m{${target}}[24h]))`,
    );
    expect(() => total('database_queries_total', '24h')).toThrow(/catalogue\/minute-counts.ts/);
  });

  it('reads recorded buckets of metrics by pipeline, and still finds their exemplars', () => {
    const { promql } = quantile(0.5, 'pipeline_execution_cost_usd');
    expect(promql).toContain('avg_over_time(job:pipeline_execution_cost_usd_bucket:increase1m{');
    expect(promql).toMatch(/ or \(pipeline_execution_cost_usd_bucket\{.*\} @ -1\)$/);
    expect(quantile(0.5, 'batch_size').promql).not.toContain('increase1m');
  });

  it('never divides by 0, and names the metrics of both sides', () => {
    const share = ratio(rate('kafka_publish_failure_total'), rate('kafka_publish_success_total'));
    expect(share.promql).toMatch(/or vector\(0\)\) \/ \(sum\(.* > 0\)$/);
    expect(share.reads).toEqual(['kafka_publish_failure_total', 'kafka_publish_success_total']);
    expect(average('batch_size', '1h').promql).toMatch(/ > 0\)$/);
    expect(quantile(0.5, 'batch_size').promql).toMatch(/ >= 0$/);
  });
});
