/** Alerts on executions: do pipelines run, in time and without failures? */
import { max, quantile, sum } from '#base/promql/build-promql.ts';
import { growth } from '#base/promql/count-growth.ts';
import type { AlertDefinition, Runbook } from './alert.ts';
import {
  describeAge,
  executors,
  from,
  marketsClosed,
  noProgress,
  seriesOf,
  seriesOfPipelines,
  seriesOfService,
  standstill,
} from './expressions.ts';

export const executionAlerts = {
  HighPipelineFailureRate: {
    about: 'More than this share of pipeline executions fails',
    severity: 'warning',
    for: '5m',
    threshold: 0.1,
    unit: 'share',
    minVolume: 5,
    watches: ['celery-worker', 'backend'],
    dashboard: 'pipelines',
    follows: ['celery-worker'],
    ofPipeline: 'always',
    expr: (scope) =>
      from(seriesOfPipelines(scope, executors, 'pipeline_executions_total'), (all) => {
        const failed = seriesOfPipelines(scope, executors, 'pipeline_executions_total', { status: 'failed' }) ?? all;
        const finished = sum(growth(all, scope.window));
        return `${sum(growth(failed, scope.window))} / ${finished} > ${scope.threshold}\nand\n${finished} >= ${scope.minVolume}`;
      }),
    summary: 'Pipeline executions fail',
    description: ({ window, minVolume }, limit) =>
      `{{ $value | humanizePercentage }} of the executions of the last ${window} failed (limit ${limit}, from ${minVolume} executions on).`,
  },

  HighPipelineLatency: {
    about: 'The 95th percentile of the execution time is above this many seconds',
    severity: 'warning',
    for: '5m',
    threshold: 10,
    unit: 'seconds',
    watches: ['celery-worker', 'backend'],
    dashboard: 'pipelines',
    follows: ['celery-worker'],
    ofPipeline: 'always',
    expr: (scope) =>
      from(seriesOfPipelines(scope, executors, 'pipeline_execution_duration_seconds_bucket'), (buckets) => {
        return `${quantile(0.95, sum(growth(buckets, scope.window), ['le']))} > ${scope.threshold}`;
      }),
    summary: 'Pipeline executions are slow',
    description: ({ window }, limit) =>
      `One execution in twenty of the last ${window} took longer than {{ $value | humanizeDuration }} (limit ${limit}).`,
  },

  NoPipelineExecutions: {
    about: 'No execution has finished while pipelines are active',
    severity: 'warning',
    for: '30m',
    watches: ['celery-worker', 'trigger-dispatcher'],
    dashboard: 'overview',
    follows: ['signal-generator', 'trigger-dispatcher', 'celery-worker'],
    ofPipeline: 'always',
    expr: (scope) => {
      // The worker runs almost all executions. Without its series, the expression cannot tell whether no execution has
      // finished or whether the worker is just not scraped.
      if (!scope.services.includes('celery-worker')) return undefined;
      return from(seriesOfPipelines(scope, executors, 'pipeline_executions_total'), (executions) => {
        // A single pipeline may rightly run nothing for months. The alert of a single pipeline therefore fires only if
        // executions have begun and none finishes.
        const isOfAll = scope.pipelineId === undefined;
        const waiting = [
          isOfAll && from(seriesOf(scope, ['trigger-dispatcher'], 'pipeline_cache_size'), (size) => `${max(size)} > 0`),
          from(seriesOfPipelines(scope, executors, 'pipeline_executions_active'), (active) => `${sum(active)} > 0`),
        ].filter(Boolean);
        const quiet = [`${sum(growth(executions, scope.window))} > 0`, marketsClosed(scope)];
        return `(${waiting.join(' or ')})\n${quiet.map((one) => `unless on ()\n(${one})`).join('\n')}`;
      });
    },
    summary: 'No pipeline execution finishes',
    description: ({ window, pipelineId }) =>
      `{{ $value | humanize }} ${pipelineId ? 'of its executions run' : 'pipelines are active'} and the market is open, but for ${window} and more no execution has finished, well or badly.`,
  },

  ExecutionsStopped: {
    about: 'Executions wait in the queue or run, and none has moved on for this many seconds',
    severity: 'critical',
    for: '1m',
    threshold: 300,
    unit: 'seconds',
    watches: ['celery-worker'],
    dashboard: 'overview',
    follows: ['celery-worker'],
    expr: (scope) =>
      from(
        seriesOf(scope, ['celery-worker'], 'celery_queue_depth', { state: ['waiting', 'delayed', 'active'] }),
        (jobs) => {
          // While no worker runs, nothing reports the length of the queue. The dispatcher's counter then shows that
          // there is work.
          const enqueued = seriesOfService(scope, 'trigger-dispatcher', 'pipelines_enqueued_total', {
            status: 'enqueued',
          });
          const queued = sum(max(jobs, ['state']));
          const work = `${queued} > 0 or ${sum(growth(enqueued, standstill(scope)))} > 0`;
          const stopped = noProgress(scope, 'celery-worker', 'pipeline_last_progress_timestamp_seconds');
          return `${stopped}\nand on ()\n(${work})`;
        },
      ),
    summary: 'Executions stand still',
    description: (_scope, limit) =>
      describeAge(
        `No execution has moved on for {{ $value | humanizeDuration }}, and work waits (limit ${limit})`,
        'celery-worker',
      ),
  },
} as const satisfies Record<string, AlertDefinition>;

export const executionRunbooks = {
  HighPipelineFailureRate: {
    means: 'More than the threshold (10 % by default) of the pipeline executions failed, out of at least five.',
    feels: 'Their pipelines see signals and place no orders.',
    look: [
      'Does one pipeline fail, or do all? Does one agent fail, or do all?',
      { promql: 'topk(5, sum by (pipeline_id) (increase(pipeline_executions_total{status="failed"}[15m])))' },
      { promql: 'sum by (agent) (rate(agent_execution_duration_seconds_count{status="failed"}[5m]))' },
      {
        sh:
          'kubectl -n $NS logs deploy/celery-worker --tail=500 | grep \'"level":"error"\'\n' +
          "curl -s 'http://<backend>:8000/api/v1/executions?status=failed&limit=5'",
      },
    ],
    remedy: [
      'One pipeline fails: its definition is wrong, or its ticker has no price. Pause it (`POST ' +
        '/api/v1/pipelines/<id>/pause`) and tell its owner.',
      'One agent fails: check what it calls. trade-manager calls the broker, strategy calls the model.',
      'All fail: suspect Postgres or Redis and follow HighRedisErrorRate.',
      'Afterwards: start failed executions again by hand if they are still wanted. They do not run again by ' +
        'themselves.',
    ],
    silence:
      'While the owner repairs a pipeline that is known to fail, with its `pipeline_id`. Never silence it ' +
      'without one.',
  },

  HighPipelineLatency: {
    means: 'The 95th percentile of the execution time is above the threshold, 10 s by default.',
    feels:
      'Orders come late, at a price that has moved. While a pipeline still runs for a ticker, it skips the next ' +
      'signal for it.',
    look: [
      'Which stage takes the time? Is the database slow? Is the queue long?',
      { promql: 'histogram_quantile(0.95, sum by (agent, le) (rate(agent_execution_duration_seconds_bucket[5m])))' },
      { promql: 'histogram_quantile(0.95, sum by (job, le) (rate(db_query_duration_seconds_bucket[5m])))' },
      { promql: 'max by (state) (celery_queue_depth)' },
    ],
    remedy: [
      'The database is slow: look for locks, and for a pool at its limit (`db_active_connections` near ' +
        '`db_pool_size`).',
      'One stage is slow: check its model or its broker.',
      'The queue is long and the CPU idle: raise the concurrency, or add workers (`kubectl -n $NS scale ' +
        'deploy/celery-worker --replicas=3`).',
    ],
    silence: 'For an hour, while a backlog after an outage is worked off and the queue depth falls.',
  },

  NoPipelineExecutions: {
    means: 'No execution has finished for 30 minutes, although the dispatcher knows active pipelines.',
    feels: 'Nothing trades, and no error shows it.',
    look: [
      'Where do the counts stop? Run these in order. The first one that is 0 is the place.',
      { promql: 'sum(increase(signals_generated_total[30m]))' },
      { promql: 'sum(increase(signals_consumed_total[30m]))' },
      { promql: 'sum(increase(pipelines_matched_total[30m]))' },
      { promql: 'sum by (status) (increase(pipelines_enqueued_total[30m]))' },
      { promql: 'max by (state) (celery_queue_depth)' },
    ],
    remedy: [
      'No signals: follow SignalGenerationStopped.',
      'None consumed: follow HighKafkaConsumerLag.',
      "None matched: no pipeline subscribes to the signals that are generated. Compare the pipelines' triggers " +
        'with the signal types that flow.',
      'Enqueued, and the queue waits: restart the worker.',
      "All skipped: executions hang in the status running. The worker's log names the stage they are in.",
    ],
    silence:
      'When the subscribed signals are known to be rarer than every half hour, as with daily bars. Better: set ' +
      'a longer `for` in the TradingPipeline.',
  },

  ExecutionsStopped: {
    means:
      'Jobs wait in the queue or run, and for five minutes no execution has begun, stored a stage or ended. Or ' +
      'jobs are enqueued and no worker answers. The workers may still look healthy.',
    feels: 'Their pipelines do nothing: no stages, no orders. Nothing is lost, because every execution is in Postgres.',
    look: [
      'How old is the last progress, and in which state are the jobs?',
      { promql: 'time() - max(pipeline_last_progress_timestamp_seconds)' },
      { promql: 'max by (state) (celery_queue_depth)' },
      { sh: 'kubectl -n $NS logs deploy/celery-worker --tail=200' },
    ],
    remedy: [
      'Jobs are `active` without progress: a stage hangs on a model, on the broker or on a lock in Postgres. ' +
        'The log names the last stage that began.',
      'Jobs are `waiting` and none is active: the worker has lost Redis (follow HighRedisErrorRate) or waits ' +
        'for Postgres. Its `/readyz` says which.',
      'Jobs are `delayed`: the database is away, so the worker puts jobs back. Bring Postgres back.',
      'The cause is gone and nothing moves: run `kubectl -n $NS rollout restart deploy/celery-worker`. ' +
        'Executions resume after their last stored stage.',
      'Your own stages take longer than the threshold: raise it above the longest one.',
    ],
    silence: 'While workers are stopped on purpose, until they are started again.',
  },
} as const satisfies Record<keyof typeof executionAlerts, Runbook>;
