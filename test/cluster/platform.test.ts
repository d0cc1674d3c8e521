import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { serviceNames } from '#catalogue/services.ts';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { stageChart } from '../../tools/chart/stage-chart.ts';
import { listArchives, loadImages } from '../../tools/deploy/load-images.ts';
import { buildImages, imagesFolder, readProvenance } from '../../tools/images/build-images.ts';
import { findImageBuilder } from '../../tools/images/image-builder.ts';
import { NAMESPACE } from '../charts/helm.ts';
import { type Accounts, readAccounts, readSignalIds, sum } from '../stack/accounts.ts';
import { readAlerts, readEvaluatedRules, readRules, readTargets } from '../stack/monitoring.ts';
import { until, eventually as untilAnswered } from '../support/eventually.ts';
import { makeTestFolder, removeTestFolder } from '../support/test-folder.ts';
import {
  clearCluster,
  createPipelines,
  evict,
  installChart,
  prepareCluster,
  type Reach,
  reachPlatform,
  uninstallChart,
} from './cluster-under-test.ts';
import { countDoubled } from './count-doubled.ts';
import { isReady, kubectl, listObjects, type Pod } from './kubectl.ts';
import { chooseMonitoring } from './monitoring.ts';
import { readClusterSettings } from './settings.ts';
import { showDiagnosis } from './show-diagnosis.ts';
import { stagePreviousChart } from './stage-previous-chart.ts';
import { Tally } from './tally.ts';

/** The chart on a real cluster. The tests stand in the order of a release's life: each goes on from the one before. */
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The chart and the operator bring some 80 together; a first group alone is not all. */
const FEWEST_RULES = 11;
const folder = makeTestFolder('cluster');
const chart = join(folder, 'chart');
const tally = new Tally();
const processes = [...serviceNames, 'controller'];
const here = `--namespace=${NAMESPACE}`;
const settings = readClusterSettings();
const monitoring = chooseMonitoring(settings);
let version: string;
let reach: Reach;

beforeAll(async () => {
  const provenance = await readProvenance();
  version = provenance.version;
  await loadImages(settings.imageLoad, [...settings.imageArchives, ...listArchives(imagesFolder)]);
  const earlier = await buildImages({
    builder: await findImageBuilder(),
    provenance: { ...provenance, version: `${version}-earlier` },
    folder,
  });
  await loadImages(
    settings.imageLoad,
    earlier.map(({ file }) => file),
  );
  await prepareCluster(monitoring);
  const previous = await stagePreviousChart(join(folder, 'previous'), settings.stackChart);
  console.log(`the chart to upgrade from is that of commit ${previous.commit}`);
  stageChart(chart, settings.stackChart);
  await tally.time('install', () => installChart(previous.chart, `${version}-earlier`, monitoring.values));
  reach = await reachPlatform(monitoring);
  await createPipelines(reach.api);
});

let failed = false;
/** At the first failure, before a later test changes what there is to see. */
afterEach(async ({ task }) => {
  if (failed || task.result?.state !== 'fail') return;
  failed = true;
  await showDiagnosis([...new Set([NAMESPACE, monitoring.namespace])]);
});

afterAll(async () => {
  reach?.stop();
  tally.print();
  await uninstallChart().catch(() => {});
  await clearCluster(monitoring);
  removeTestFolder(folder);
});

/** A broker that is busy with its groups, and a forwarded port whose pod was replaced, answer a moment later. */
const accounts = (): Promise<Accounts> => untilAnswered(() => readAccounts(reach.kafka, reach.postgres), MINUTE);
const podsOf = (name: string) => listObjects<Pod>('pods', here, `--selector=app.kubernetes.io/name=${name}`);
/** A pod that is being deleted may take its time to finish what it has begun. */
const stayingPodsOf = async (name: string) =>
  (await podsOf(name)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
const scale = (name: string, replicas: number) =>
  kubectl('scale', `deployment/${name}`, here, `--replicas=${replicas}`);
const rolledOut = (name: string) => kubectl('rollout', 'status', `deployment/${name}`, here, '--timeout=180s');
const upTargets = async () =>
  (await readTargets(reach.prometheus)).filter(
    ({ labels, health }) => labels.namespace === NAMESPACE && health === 'up',
  );
const targetsOf = async (job: string) => (await upTargets()).filter(({ labels }) => labels.job === job).length;

/** Waits for that many more executions to be done: the platform is under load, and works. */
async function expectWork(executions: number): Promise<void> {
  const done = async () => (await accounts()).executions.success ?? 0;
  const before = await done();
  await until(2 * MINUTE, `${executions} executions more`, done, (now) => now >= before + executions);
}

/** Stops the market, waits until all that was on its way has arrived, counts, and opens the market again. */
async function expectNothingLost(): Promise<void> {
  await scale('signal-generator', 0);
  await until(
    MINUTE,
    'the market is closed',
    () => podsOf('signal-generator'),
    (pods) => pods.length === 0,
  );
  const unfinished = ({ executions }: Accounts) => (executions.queued ?? 0) + (executions.running ?? 0);
  const arrived = (now: Accounts) => now.published === now.consumed && unfinished(now) === 0;
  const settled = await until(2 * MINUTE, 'all signals consumed and all executions finished', accounts, arrived);
  const { published, stored } = await untilAnswered(() => readSignalIds(reach.kafka, reach.postgres), MINUTE);
  const doubled = await countDoubled(reach.postgres);
  tally.count({
    'signals produced': published.length,
    'signals consumed': stored.length,
    executions: sum(Object.values(settled.executions)),
    lost: published.filter((id) => !stored.includes(id)).length,
    doubled,
  });
  expect(stored).toEqual(published);
  expect(doubled).toBe(0);
  await scale('signal-generator', 1);
}

describe('the chart', () => {
  it('starts every pod in a namespace that enforces the restricted Pod Security Standard, and none again', async () => {
    const pods = await listObjects<Pod>('pods', here);
    expect(pods.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name)).toEqual([]);
    expect(pods.length).toBeGreaterThanOrEqual(processes.length + 3);
    const restarts = pods.map(({ status }) =>
      sum((status.containerStatuses ?? []).map(({ restartCount }) => restartCount)),
    );
    expect(sum(restarts)).toBe(0);
    tally.count({ pods: pods.length });
  });

  it('has the controller make what the TradingPipeline asks for', async () => {
    const read = async () => (await listObjects<KubeObject>('tradingpipelines', here))[0];
    const isPipelineReady = (pipeline?: KubeObject) => conditionOf(pipeline, 'Ready') === 'True';
    const pipeline = await until(2 * MINUTE, 'TradingPipeline Ready', read, isPipelineReady);
    const kinds = ['servicemonitors', 'prometheusrules', 'configmaps'];
    const lists = await Promise.all(kinds.map((kind) => listObjects<KubeObject>(kind, here)));
    const owned = lists.map((objects) => objects.filter((one) => isOwnedBy(one, pipeline)).length);
    expect(owned[0]).toBe(serviceNames.length);
    expect(owned[1]).toBeGreaterThanOrEqual(1);
    expect(owned[2]).toBeGreaterThanOrEqual(8);
  });

  it('is scraped by Prometheus, through the ServiceMonitors that prometheus-operator has accepted', async () => {
    const isUp = (targets: readonly { scrapePool: string }[]) =>
      serviceNames.every((name) =>
        targets.some(({ scrapePool }) => scrapePool.includes(`/${NAMESPACE}/`) && scrapePool.includes(name)),
      );
    const targets = await until(2 * MINUTE, 'four targets up', upTargets, isUp);
    expect(
      targets.map(({ scrapePool }) => scrapePool).every((pool) => pool.startsWith(`serviceMonitor/${NAMESPACE}/`)),
    ).toBe(true);
    tally.count({ targets: targets.length });
  });

  it('has its rules loaded, and each can be evaluated', async () => {
    const rules = await readEvaluatedRules(reach.prometheus, FEWEST_RULES);
    tally.count({ rules: rules.length });
  });

  it('turns bars into signals, and signals into executions', async () => {
    await expectWork(20);
    await expectNothingLost();
  });
});

describe('under load, no signal is lost and none is executed twice', () => {
  it('while helm upgrades every process from the commit before', async () => {
    await expectWork(5);
    await tally.time('upgrade', () => installChart(chart, version, monitoring.values));
    for (const name of processes) {
      const images = (await stayingPodsOf(name)).flatMap(({ spec }) => spec.containers.map(({ image }) => image));
      expect(new Set(images), name).toEqual(new Set([`ghcr.io/trading-platform/${name}:${version}`]));
    }
    await expectWork(5);
    await expectNothingLost();
  });

  it('while the dispatcher grows to three and the worker to two', async () => {
    await expectWork(5);
    await scale('trigger-dispatcher', 3);
    await scale('celery-worker', 2);
    await rolledOut('trigger-dispatcher');
    await rolledOut('celery-worker');
    await until(
      MINUTE,
      'three members of the group',
      () => untilAnswered(countDispatchers, MINUTE),
      (members) => members === 3,
    );
    await until(
      MINUTE,
      'targets of the dispatcher',
      () => targetsOf('trigger-dispatcher'),
      (count) => count === 3,
    );
    await until(
      MINUTE,
      'targets of the worker',
      () => targetsOf('celery-worker'),
      (count) => count === 2,
    );
    await expectWork(5);
    await expectNothingLost();
  });

  it('while pods are evicted, as a drained node does', async () => {
    await expectWork(5);
    for (const name of ['trigger-dispatcher', 'celery-worker', 'controller']) {
      const [pod] = await stayingPodsOf(name);
      await evict(pod!.metadata.name);
      await until(
        2 * MINUTE,
        `${name} is another pod`,
        () => stayingPodsOf(name),
        (pods) => isReplaced(pods, pod!),
      );
    }
    await expectWork(5);
    await expectNothingLost();
  });
});

describe('a threshold changed by helm upgrade', () => {
  it('is in Prometheus, and what it says is an alert in Alertmanager', async () => {
    // any execution takes longer
    const rules = { HighPipelineLatency: { threshold: 0.000_1, for: '0s' } };
    await installChart(chart, version, { ...monitoring.values, tradingPipeline: { spec: { alerts: { rules } } } });
    const query = async () =>
      (await readRules(reach.prometheus)).find(({ name }) => name === 'HighPipelineLatency')?.query;
    // rules are files of a ConfigMap: a kubelet brings what changed with its next sync, once a minute, from a cache as old
    await until(3 * MINUTE, 'the threshold', query, (expression) => /> 0\.0001$/.test(expression ?? ''));
    const alerts = async () =>
      (await readAlerts(reach.alertmanager)).filter(({ labels }) => labels.alertname === 'HighPipelineLatency');
    const [alert] = await until(3 * MINUTE, 'the alert', alerts, (all) => all.length > 0);
    expect(alert?.labels).toMatchObject({ namespace: NAMESPACE });
    expect(alert?.annotations.runbook_url).toMatch(/#highpipelinelatency$/);
  });
});

describe('helm uninstall', () => {
  it('leaves the CRD, the volumes, the password of the one that Postgres has, and a Lease that nobody holds', async () => {
    await tally.time('uninstall', uninstallChart);
    await until(
      2 * MINUTE,
      'no pod',
      () => listObjects<Pod>('pods', here),
      (pods) => pods.length === 0,
    );
    const left = async () => (await listPlatformObjects()).sort();
    const expected = [
      'lease.coordination.k8s.io/tradingpipeline-controller',
      'persistentvolumeclaim/data-kafka-0',
      'persistentvolumeclaim/data-postgres-0',
      'persistentvolumeclaim/data-redis-0',
      'secret/postgres',
      ...monitoring.stays,
    ].sort();
    await until(MINUTE, 'only what is said to stay', left, (names) => names.join() === expected.join());
    expect(await kubectl('get', 'crd', 'tradingpipelines.trading-platform.dev', '--output=name')).toMatch(
      /tradingpipelines/,
    );
  });
});

async function countDispatchers(): Promise<number> {
  const admin = reach.kafka.admin();
  await admin.connect();
  try {
    const { groups } = await admin.describeGroups(['trigger-dispatcher']);
    return groups[0]?.members.length ?? 0;
  } finally {
    await admin.disconnect();
  }
}

function isReplaced(pods: readonly Pod[], gone: Pod): boolean {
  return pods.length > 0 && pods.every((pod) => isReady(pod) && pod.metadata.uid !== gone.metadata.uid);
}

interface WithConditions {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}
function conditionOf(object: KubeObject | undefined, type: string): string | undefined {
  return (object?.status as WithConditions | undefined)?.conditions?.find((one) => one.type === type)?.status;
}

function isOwnedBy({ metadata }: KubeObject, owner: KubeObject | undefined): boolean {
  return metadata.ownerReferences?.some(({ uid }) => uid === owner?.metadata.uid) ?? false;
}

/** `kind/name` of every object of the platform, of any kind; what Kubernetes itself puts into a namespace is not the platform's. */
async function listPlatformObjects(): Promise<string[]> {
  const listing = await kubectl('api-resources', '--namespaced=true', '--verbs=list', '--output=name');
  const kinds = listing
    .trim()
    .split('\n')
    .filter((kind) => !/^events\b|^endpoints$|\.metrics\.k8s\.io$/.test(kind));
  const names = await kubectl('get', kinds.join(','), here, '--output=name', '--ignore-not-found');
  const inCluster = await kubectl(
    'get',
    'clusterroles,clusterrolebindings',
    '--selector=app.kubernetes.io/part-of=trading-platform',
    '--output=name',
  );
  return `${names}${inCluster}`
    .split('\n')
    .filter((name) => name !== '' && !/kube-root-ca\.crt$|serviceaccount\/default$/.test(name));
}
