import type { OperatorAlertName } from '#catalogue/operator-alerts.ts';
import type { AlertCase } from './alert-case.ts';
import { seriesText } from './series-text.ts';

/** Writes a series of one replica of the operator, with the labels that its ServiceMonitor sets. */
function of(metric: string, labels: Readonly<Record<string, string>> = {}, pod = 'a'): string {
  return seriesText(metric, {
    ...labels,
    job: 'controller',
    service: 'controller',
    namespace: 'ops',
    instance: `${pod}:8001`,
  });
}

const up = (pod?: string) => of('up', {}, pod);
const leader = (pod?: string) => of('tradingpipeline_controller_leader', {}, pod);
const depth = of('tradingpipeline_controller_queue_depth');
const resources = (ready: string, pod?: string) => of('tradingpipeline_controller_resources', { ready }, pod);
const reconciles = (result: string) => of('tradingpipeline_controller_reconciles_total', { result });
const age = (resource: string) => of('tradingpipeline_controller_watch_age_seconds', { resource });
const latency = (le: string) => of('tradingpipeline_controller_queue_latency_seconds_bucket', { le });
const requests = (verb: string, code: string) => of('tradingpipeline_controller_api_requests_total', { verb, code });
const polls = (result: string, pod?: string) =>
  of('tradingpipeline_controller_prometheus_polls_total', { result }, pod);
const conflicts = of('tradingpipeline_controller_conflicts_total', { kind: 'PrometheusRule' });
const drift = of('tradingpipeline_controller_drift_repaired_total', { kind: 'ConfigMap' });

/** The series of an operator at rest: two replicas, watches that are renewed, a resync every ten minutes, no other work. */
const atRest = {
  [up('a')]: '1x400',
  [up('b')]: '1x400',
  [leader('a')]: '1x400',
  [leader('b')]: '0x400',
  [depth]: '0x400',
  [resources('True')]: '3x400',
  [resources('False')]: '0x400',
  [reconciles('success')]: '3x39 6x39 9x39 12x39 15x39 18x39 21x39 24x39 27x39 30x39',
  [reconciles('error')]: '0x400',
  [age('services')]: '10x400',
  [latency('0.001')]: '3x39 6x39 9x39 12x39 15x39 18x39 21x39 24x39 27x39 30x39',
  [latency('+Inf')]: '3x39 6x39 9x39 12x39 15x39 18x39 21x39 24x39 27x39 30x39',
  [requests('watch', '200')]: '0+7x400',
  [polls('success', 'a')]: '0+1x400',
  [polls('error', 'a')]: '0x400',
  [drift]: '0x400',
};
/** The series of an operator without traffic: no resources, and no counted request. */
const idle = { [up()]: '1x400', [leader()]: '1x400', [depth]: '0x400', [resources('True')]: '0x400' };

const quiet = (alert: OperatorAlertName): AlertCase<OperatorAlertName>[] => [
  { alert, what: 'an operator at rest', series: atRest, silentAt: ['1m', '45m'] },
  { alert, what: 'an operator without any work', series: idle, silentAt: ['1m', '45m'], idle: true },
];
const critical = { severity: 'critical' };
const warning = { severity: 'warning' };

export const operatorAlertCases: readonly AlertCase<OperatorAlertName>[] = [
  {
    alert: 'OperatorDown',
    what: 'the only replica stops answering, and comes back',
    series: { [up()]: '1x8 0x40 1x40' },
    silentAt: ['4m', '13m'],
    firesAt: ['4m15s', '12m'],
    labels: critical,
    says: 'Prometheus scrapes no operator in ops. What it made goes on working; nothing new is made and nothing is put right.',
  },
  {
    alert: 'OperatorDown',
    what: 'the operator vanishes from discovery',
    series: { [up()]: '1x8 stale' },
    silentAt: ['4m'],
    firesAt: ['4m15s'],
    documented: 'up{job="controller"} == 0',
  },
  {
    alert: 'OperatorDown',
    what: 'one of two replicas is down',
    series: { [up('a')]: '1x100', [up('b')]: '0x100' },
    silentAt: ['5m', '20m'],
  },
  {
    alert: 'OperatorDown',
    what: 'the operator is down, while another controller runs in another namespace',
    series: { 'up{job="controller",namespace="metallb-system",instance="x:7472"}': '1x100' },
    silentAt: ['1m45s'],
    firesAt: ['2m'],
  },
  ...quiet('OperatorDown'),

  {
    alert: 'OperatorLeadership',
    what: 'no replica can take the Lease, then one does',
    series: { [leader('a')]: '1x8 0x20 1x40', [leader('b')]: '0x80' },
    silentAt: ['3m', '7m30s'],
    firesAt: ['3m15s', '7m'],
    labels: critical,
    says: 'No operator holds the Lease: none of them writes anything.',
  },
  {
    alert: 'OperatorLeadership',
    what: 'two replicas lead, because leader election is off',
    series: { [leader('a')]: '1x40', [leader('b')]: '1x40' },
    silentAt: ['45s'],
    firesAt: ['1m'],
    labels: critical,
    says: '2 operators lead at once: they write over each other.',
  },
  {
    alert: 'OperatorLeadership',
    what: 'a scrape during a hand-over',
    series: { [leader('a')]: '1x8 0x40', [leader('b')]: '0x10 1x38' },
    silentAt: ['2m30s', '3m30s', '10m'],
  },
  ...quiet('OperatorLeadership'),

  {
    alert: 'OperatorStuck',
    what: 'resources wait and none is reconciled, then one is',
    series: { ...atRest, [depth]: '0x20 4x100 0x100', [reconciles('success')]: '9x120 10+1x100' },
    silentAt: ['10m', '31m'],
    firesAt: ['10m15s', '29m'],
    labels: critical,
    says: 'Resources wait in the queue and none was reconciled for 5m, or there are resources and none was reconciled for 30m, though each is looked at every ten minutes.',
  },
  {
    alert: 'OperatorStuck',
    what: 'every reconcile hangs: the queue is empty, and none is finished',
    series: { ...atRest, [reconciles('success')]: '3x39 9x400' },
    silentAt: ['44m'],
    firesAt: ['45m30s'],
  },
  {
    alert: 'OperatorStuck',
    what: 'a long queue is worked off',
    series: { ...atRest, [depth]: '900-2x400', [reconciles('success')]: '0+2x400' },
    silentAt: ['6m', '40m'],
  },
  {
    alert: 'OperatorStuck',
    what: 'a fresh operator that reconciled everything before the first scrape',
    series: { [depth]: '0x60', [resources('True')]: '3x60', [reconciles('success')]: '3x38 6x22' },
    silentAt: ['6m', '9m', '14m'],
  },
  {
    alert: 'OperatorStuck',
    what: 'resources wait, and some were reconciled minutes ago',
    series: { ...atRest, [depth]: '4x100', [reconciles('success')]: '9x120' },
    silentAt: ['9m'],
  },
  ...quiet('OperatorStuck'),

  {
    alert: 'OperatorWatchOld',
    what: 'a watch receives nothing for minutes, and is renewed',
    series: { ...atRest, [age('services')]: '10x20 0+15x30 10x40' },
    silentAt: ['7m15s', '13m30s'],
    firesAt: ['7m30s', '12m30s'],
    labels: { ...warning, resource: 'services' },
    says: 'Its watch has heard nothing from the API server for 2m 15s (limit 60s).',
  },
  {
    alert: 'OperatorWatchOld',
    what: 'a kind without changes, whose watch is renewed in time',
    series: { ...atRest, [age('services')]: '5 20 5 20 5 20 5 20 5 20 5 24x40' },
    silentAt: ['2m', '10m'],
  },
  {
    alert: 'OperatorWatchOld',
    what: 'the watch of one of two replicas died',
    series: {
      ...atRest,
      [of('tradingpipeline_controller_watch_age_seconds', { resource: 'services' }, 'b')]: '0+15x40',
    },
    firesAt: ['5m'],
  },
  ...quiet('OperatorWatchOld'),

  {
    alert: 'OperatorReconcileErrors',
    what: 'one reconcile in four fails, then none',
    series: { ...atRest, [reconciles('error')]: '0+1x100 100x200', [reconciles('success')]: '0+3x300' },
    silentAt: ['10m15s', '45m'],
    firesAt: ['10m45s', '25m', '10m30s', '32m'],
    labels: warning,
    says: '25% of the reconciles of the last 15m failed (limit 10%). They are tried again, ever later.',
  },
  {
    alert: 'OperatorReconcileErrors',
    what: 'one reconcile in ten fails, which is the limit',
    series: { ...atRest, [reconciles('error')]: '0+1x200', [reconciles('success')]: '0+9x200' },
    silentAt: ['15m', '45m'],
  },
  {
    alert: 'OperatorReconcileErrors',
    what: 'one of three reconciles fails: too few to fire',
    series: { ...atRest, [reconciles('error')]: '0x8 1x100', [reconciles('success')]: '0x8 2x100' },
    silentAt: ['13m', '17m', '25m'],
  },
  {
    alert: 'OperatorReconcileErrors',
    what: 'one of three reconciles fails after a thousand that succeeded: too few to fire',
    series: { ...atRest, [reconciles('error')]: '0x208 1x100', [reconciles('success')]: '1000x208 1002x100' },
    silentAt: ['57m', '65m'],
  },
  {
    alert: 'OperatorReconcileErrors',
    what: 'one reconcile in eight fails',
    series: { ...atRest, [reconciles('error')]: '0+1x200', [reconciles('success')]: '0+7x200' },
    firesAt: ['30m'],
  },
  {
    alert: 'OperatorReconcileErrors',
    what: 'every reconcile fails, five or six in a quarter of an hour',
    series: {
      ...atRest,
      [reconciles('error')]: Array.from({ length: 20 }, (_, failed) => `${failed}x9`).join(' '),
      [reconciles('success')]: '0x200',
    },
    firesAt: ['30m'],
  },
  ...quiet('OperatorReconcileErrors'),

  {
    alert: 'OperatorQueueSlow',
    what: 'half of the resources wait for more than 2.5 s, then none',
    series: {
      [latency('1')]: '0x100 1+2x100',
      [latency('2.5')]: '0+1x100 101+2x100',
      [latency('5')]: '0+2x300',
      [latency('+Inf')]: '0+2x300',
    },
    silentAt: ['15m', '36m'],
    firesAt: ['15m15s', '25m', '28m'],
    labels: warning,
    says: 'One resource in a hundred of the last 10m waited for more than 4.95s (limit 2s).',
  },
  {
    alert: 'OperatorQueueSlow',
    what: 'a burst after the start, in which many resources wait',
    series: {
      [latency('1')]: '200x200',
      [latency('2.5')]: '200x200',
      [latency('5')]: '1000x200',
      [latency('+Inf')]: '1000x200',
    },
    silentAt: ['5m', '10m', '15m', '30m'],
  },
  {
    alert: 'OperatorQueueSlow',
    what: 'resources wait for 2 to 2.5 s, a little above the limit',
    series: { [latency('2')]: '0x100', [latency('2.5')]: '0+1x100', [latency('+Inf')]: '0+1x100' },
    firesAt: ['20m'],
  },
  {
    alert: 'OperatorQueueSlow',
    what: 'resources wait for 1 to 2 s, a little below the limit',
    series: { [latency('1')]: '0x100', [latency('2')]: '0+1x100', [latency('+Inf')]: '0+1x100' },
    silentAt: ['20m'],
  },
  ...quiet('OperatorQueueSlow'),

  {
    alert: 'OperatorResourcesNotReady',
    what: 'two resources are not Ready, then they are; every replica reports them',
    series: {
      [resources('False', 'a')]: '0x4 2x150 0x40',
      [resources('False', 'b')]: '0x4 2x150 0x40',
      [resources('True')]: '7x200',
    },
    silentAt: ['31m', '39m30s'],
    firesAt: ['31m15s', '38m'],
    labels: warning,
    says: '2 of them are not Ready; kubectl get tp -A names them and says why.',
  },
  {
    alert: 'OperatorResourcesNotReady',
    what: 'a resource is paused',
    series: { [resources('False')]: '0x200', [resources('Unknown')]: '1x200' },
    silentAt: ['30m', '49m'],
  },
  {
    alert: 'OperatorResourcesNotReady',
    what: 'only one of two replicas reports a resource that is not Ready',
    series: { [resources('False', 'a')]: '1x150', [resources('False', 'b')]: '0x150' },
    firesAt: ['31m'],
  },
  ...quiet('OperatorResourcesNotReady'),

  {
    alert: 'OperatorApiErrors',
    what: 'the server answers 429 from the first request on, and then no more',
    series: {
      [requests('watch', '200')]: '0+9x300',
      [requests('apply', '429')]: '_x20 1+1x100 101x180',
    },
    silentAt: ['19m', '45m'],
    firesAt: ['20m30s', '30m', '19m15s'],
    labels: { ...warning, code: '429' },
    says: '10% of the requests of the last 10m ended with 429 (0: no answer; limit 5%).',
  },
  {
    alert: 'OperatorApiErrors',
    what: 'conflicts (409), watches too far behind (410) and missing kinds (404) are normal',
    series: {
      [requests('watch', '200')]: '0+1x300',
      [requests('apply', '409')]: '0+1x300',
      [requests('watch', '410')]: '0+1x300',
      [requests('list', '404')]: '0+1x300',
    },
    silentAt: ['11m', '40m'],
  },
  {
    alert: 'OperatorApiErrors',
    what: 'half a minute without an answer',
    series: { [requests('watch', '200')]: '0+7x300', [requests('watch', '0')]: '0x40 5 10x260' },
    silentAt: ['12m', '25m', '40m'],
  },
  ...quiet('OperatorApiErrors'),

  {
    alert: 'OperatorPrometheusSilent',
    what: 'the address is wrong, then it is corrected',
    series: { [polls('error')]: '0+1x60 60x100', [polls('success')]: '0x60 0+1x100' },
    silentAt: ['5m', '16m'],
    firesAt: ['5m15s', '14m'],
    labels: warning,
    says: 'It asked 20 times in the last 5m in vain: what is scraped, loaded and firing is missing in every status.',
  },
  {
    alert: 'OperatorPrometheusSilent',
    what: 'Prometheus answers every second poll',
    series: { [polls('error')]: '0+1x100', [polls('success')]: '0+1x100' },
    silentAt: ['6m', '20m'],
  },
  {
    alert: 'OperatorPrometheusSilent',
    what: 'Prometheus answers once, and never again',
    series: { [polls('error')]: '0+1x100', [polls('success')]: '_x12 1x88' },
    silentAt: ['6m', '12m'],
  },
  ...quiet('OperatorPrometheusSilent'),

  {
    alert: 'OperatorConflictStorm',
    what: 'two conflicts every quarter of a minute, from the first on, then none',
    series: { [conflicts]: '_x20 2+2x120 242x160' },
    silentAt: ['22m15s', '50m'],
    firesAt: ['22m45s', '35m', '22m30s'],
    labels: { ...warning, kind: 'PrometheusRule' },
    says: 'The API server refused 120 writes of the last 15m, as the object had changed (limit 20).',
  },
  {
    alert: 'OperatorConflictStorm',
    what: 'one burst of conflicts, as during an upgrade',
    series: { [conflicts]: '_x20 40x200' },
    silentAt: ['20m', '35m', '45m'],
  },
  ...quiet('OperatorConflictStorm'),

  {
    alert: 'OperatorDriftStorm',
    what: 'another tool writes again and again, and stops',
    series: { [drift]: '0x20 1+1x120 121x160' },
    silentAt: ['22m30s', '50m'],
    firesAt: ['22m45s', '35m'],
    labels: { ...warning, kind: 'ConfigMap' },
    says: '60 objects were changed and put right in the last 15m (limit 10).',
  },
  {
    alert: 'OperatorDriftStorm',
    what: 'somebody deletes thirty dashboards at once',
    series: { [drift]: '0x20 30x200' },
    silentAt: ['20m', '35m', '45m'],
  },
  ...quiet('OperatorDriftStorm'),
];
