/** The alert on a service that is down. */
import type { AlertDefinition, Runbook } from './alert.ts';
import { seriesOfAll } from './expressions.ts';

export const serviceAlerts = {
  ServiceDown: {
    about: 'A service does not answer its scrapes, or has vanished from discovery',
    severity: 'critical',
    for: '1m',
    watches: 'each',
    dashboard: 'overview',
    follows: [],
    perService: true,
    expr: (scope) => {
      const up = seriesOfAll(scope, 'up');
      return `${up} == 0\nor\nabsent(${up})`;
    },
    // Uses the label `job` instead of `service`, because the result of absent() has only the labels of its matchers.
    summary: '{{ $labels.job }} is down',
    description: () =>
      '{{ if $labels.instance }}{{ $labels.instance }} does not answer its scrapes.' +
      '{{ else }}Prometheus has no target of {{ $labels.job }}: it has vanished from discovery.{{ end }}',
  },
} as const satisfies Record<string, AlertDefinition>;

export const serviceRunbooks = {
  ServiceDown: {
    means:
      'Prometheus gets no answer from `/metrics` of a service that a TradingPipeline lists, or no longer has a ' +
      'target for it. The process is gone or does not respond, or its Service or ServiceMonitor no longer finds ' +
      'it.',
    feels:
      'Depends on the service. backend: no API, no live stream. signal-generator: no new signals. ' +
      'trigger-dispatcher: signals wait in Kafka; none is lost. celery-worker: executions wait in the queue.',
    look: [
      'Is there a target? No series means no target; 0 means a target that does not answer.',
      { promql: 'up{job=~"backend|celery-worker|signal-generator|trigger-dispatcher"}' },
      {
        sh:
          'kubectl -n $NS get pods,endpointslices -l app.kubernetes.io/name=<service>\n' +
          'kubectl -n $NS logs deploy/<service> --previous --tail=50\n' +
          'kubectl -n $NS describe tp',
      },
    ],
    remedy: [
      'The pod crashes: read its last log line, it names the reason. A missing Kafka, Redis or Postgres is not ' +
        'the reason: a service waits for them.',
      'The pod was killed for its memory: follow HighMemoryUsage.',
      'The pod is ready, but there is no target: read the condition ServicesResolved of the TradingPipeline. It ' +
        'names the label or port that does not match.',
      'The process hangs: run `kubectl -n $NS rollout restart deploy/<service>`. Work that has begun is ' +
        'finished or resumed.',
    ],
    silence: 'During a planned stop of that one service, with `service=<service>`. Never silence it for all services.',
  },
} as const satisfies Record<keyof typeof serviceAlerts, Runbook>;
