import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serviceNames } from '#catalogue/services.ts';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { stageChart } from '#tools/chart/stage-chart.ts';
import { listArchives, loadImages } from '#tools/deploy/load-images.ts';
import { buildImages, imagesFolder } from '#tools/images/build-images.ts';
import { findImageBuilder } from '#tools/images/image-builder.ts';
import { readProvenance } from '#tools/images/prepare-bundles.ts';
import { readAlerts, readRules, readTargets } from '#tools/observe/monitoring.ts';
import { NAMESPACE } from '../charts/helm.ts';
import { type Accounts, countDoubled, readAccounts, readSignalIds, sum } from '../stack/accounts.ts';
import { readEvaluatedRules } from '../stack/evaluated-rules.ts';
import { eventually } from '../support/eventually.ts';
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
import { isReady, kubectl, listObjects, type Pod, showDiagnosis } from './kubectl.ts';
import { chooseMonitoring } from './monitoring.ts';
import { readClusterSettings } from './settings.ts';
import { stagePreviousChart } from './stage-previous-chart.ts';
import { Tally } from './tally.ts';

/** Tests the chart on a real cluster. All tests share one release, which is installed before each test if it is missing. */
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The chart and the operator install some 80 rules. If Prometheus has fewer than this number, it has loaded only the first groups. */
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
let previousChart: string;
/** The chart of the installed release: that of an earlier commit, or that of this commit. Undefined if there is no release. */
let installed: 'previous' | 'current' | undefined;

async function installPrevious(): Promise<void> {
  await installChart(previousChart, `${version}-earlier`, monitoring.values);
  installed = 'previous';
}

async function installCurrent(values: object = {}): Promise<void> {
  await installChart(chart, version, { ...monitoring.values, ...values });
  installed = 'current';
}

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
  previousChart = previous.chart;
  console.log(`the tests upgrade from the chart of commit ${previous.commit}`);
  stageChart(chart, settings.stackChart);
  await tally.time('install', installPrevious);
  reach = await reachPlatform(monitoring);
  await createPipelines(reach.api);
});

beforeEach(async () => {
  if (!installed) await installCurrent();
});

let failed = false;
/** Prints the cluster's state at the first failure, before a later test changes it. */
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

/**
 * Reads the counts of signals and executions. Retries after an error, because a busy broker, and a forwarded port whose
 * pod was replaced, fail for a moment.
 */
const accounts = (): Promise<Accounts> => eventually(() => readAccounts(reach.kafka, reach.postgres), MINUTE);
const podsOf = (name: string) => listObjects<Pod>('pods', here, `--selector=app.kubernetes.io/name=${name}`);
/** Lists the pods of a process except pods that are being deleted, which may take a while to finish their work. */
const stayingPodsOf = async (name: string) =>
  (await podsOf(name)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
const scale = (name: string, replicas: number) =>
  kubectl('scale', `deployment/${name}`, here, `--replicas=${replicas}`);
const rolledOut = (name: string) => kubectl('rollout', 'status', `deployment/${name}`, here, '--timeout=180s');
const upTargets = async () =>
  (await readTargets(reach.prometheus)).filter(
    ({ labels, health }) => labels.namespace === NAMESPACE && health === 'up',
  );
const countTargets = async (job: string) => (await upTargets()).filter(({ labels }) => labels.job === job).length;

/** Waits until this many more executions have succeeded, which shows that the platform works under load. */
async function expectWork(executions: number): Promise<void> {
  const countDone = async () => (await accounts()).executions.success ?? 0;
  const before = await countDone();
  await eventually(
    async () => expect(await countDone(), 'executions that succeeded').toBeGreaterThanOrEqual(before + executions),
    2 * MINUTE,
  );
}

/**
 * Stops the market, waits until every signal is consumed and every execution has finished, and expects that no signal
 * is lost and nothing was done twice.
 */
async function expectNothingLost(): Promise<void> {
  await scale('signal-generator', 0);
  await eventually(async () => expect(await podsOf('signal-generator')).toEqual([]), MINUTE);
  const settled = await eventually(async () => {
    const now = await accounts();
    expect(now.consumed, 'signals consumed of those published').toBe(now.published);
    expect((now.executions.queued ?? 0) + (now.executions.running ?? 0), 'executions that have not finished').toBe(0);
    return now;
  }, 2 * MINUTE);
  const { published, stored } = await eventually(() => readSignalIds(reach.kafka, reach.postgres), MINUTE);
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
  it('starts every pod in a namespace that enforces the restricted Pod Security Standard, and restarts none', async () => {
    // the Job that prepares the database has ended
    const pods = (await listObjects<Pod>('pods', here)).filter(({ status }) => status.phase !== 'Succeeded');
    expect(pods.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name)).toEqual([]);
    expect(pods.length).toBeGreaterThanOrEqual(processes.length + 3);
    const restarts = pods.map(({ status }) =>
      sum((status.containerStatuses ?? []).map(({ restartCount }) => restartCount)),
    );
    expect(sum(restarts)).toBe(0);
    tally.count({ pods: pods.length });
  });

  it('has a controller that creates the objects of the TradingPipeline', async () => {
    const pipeline = await eventually(async () => {
      const [found] = await listObjects<KubeObject>('tradingpipelines', here);
      expect(conditionOf(found, 'Ready')).toBe('True');
      return found;
    }, 2 * MINUTE);
    const kinds = ['servicemonitors', 'prometheusrules', 'configmaps'];
    const lists = await Promise.all(kinds.map((kind) => listObjects<KubeObject>(kind, here)));
    const owned = lists.map((objects) => objects.filter((one) => isOwnedBy(one, pipeline)).length);
    expect(owned[0]).toBe(serviceNames.length);
    expect(owned[1]).toBeGreaterThanOrEqual(1);
    expect(owned[2]).toBeGreaterThanOrEqual(8);
  });

  it('is scraped by Prometheus, only through ServiceMonitors of the release', async () => {
    const pools = await eventually(async () => {
      const found = (await upTargets()).map(({ scrapePool }) => scrapePool);
      for (const name of serviceNames)
        expect(
          found.filter((pool) => pool.includes(`/${NAMESPACE}/`) && pool.includes(name)),
          name,
        ).not.toEqual([]);
      return found;
    }, 2 * MINUTE);
    expect(pools.filter((pool) => !pool.startsWith(`serviceMonitor/${NAMESPACE}/`))).toEqual([]);
    tally.count({ targets: pools.length });
  });

  it('has rules that Prometheus has loaded and evaluates without an error', async () => {
    const rules = await readEvaluatedRules(reach.prometheus, FEWEST_RULES);
    tally.count({ rules: rules.length });
  });

  it('turns bars into signals and signals into executions, and loses none', async () => {
    await expectWork(20);
    await expectNothingLost();
  });
});

describe('under load, no signal is lost and none is executed twice', () => {
  it('while helm upgrades every process from the commit before', async () => {
    if (installed !== 'previous') await installPrevious();
    await expectWork(5);
    await tally.time('upgrade', installCurrent);
    for (const name of processes) {
      const images = (await stayingPodsOf(name)).flatMap(({ spec }) => spec.containers.map(({ image }) => image));
      expect(new Set(images), name).toEqual(new Set([`ghcr.io/trading-platform/${name}:${version}`]));
    }
    await expectWork(5);
    await expectNothingLost();
  });

  it('while the dispatcher is scaled to three pods and the worker to two', async () => {
    await expectWork(5);
    await scale('trigger-dispatcher', 3);
    await scale('celery-worker', 2);
    await rolledOut('trigger-dispatcher');
    await rolledOut('celery-worker');
    await eventually(async () => expect(await countDispatchers(), 'members of the consumer group').toBe(3), MINUTE);
    await eventually(async () => expect(await countTargets('trigger-dispatcher')).toBe(3), MINUTE);
    await eventually(async () => expect(await countTargets('celery-worker')).toBe(2), MINUTE);
    await expectWork(5);
    await expectNothingLost();
  });

  it('while pods are evicted, as when a node is drained', async () => {
    await expectWork(5);
    for (const name of ['trigger-dispatcher', 'celery-worker', 'controller']) {
      const [pod] = await stayingPodsOf(name);
      await evict(pod!.metadata.name);
      await eventually(async () => {
        const pods = await stayingPodsOf(name);
        expect(isReplaced(pods, pod!), `another pod of ${name} is ready`).toBe(true);
      }, 2 * MINUTE);
    }
    await expectWork(5);
    await expectNothingLost();
  });
});

describe('a threshold changed by helm upgrade', () => {
  it('is in Prometheus, and its alert fires in Alertmanager', async () => {
    // every execution takes longer than this threshold
    const rules = { HighPipelineLatency: { threshold: 0.000_1, for: '0s' } };
    await installCurrent({ tradingPipeline: { spec: { alerts: { rules } } } });
    // Rules are files in a ConfigMap volume. The kubelet syncs the volume once a minute, from a cache that may be a
    // minute old.
    await eventually(async () => {
      const rule = (await readRules(reach.prometheus)).find(({ name }) => name === 'HighPipelineLatency');
      expect(rule?.query).toMatch(/> 0\.0001$/);
    }, 3 * MINUTE);
    const [alert] = await eventually(async () => {
      const alerts = await readAlerts(reach.alertmanager);
      const found = alerts.filter(({ labels }) => labels.alertname === 'HighPipelineLatency');
      expect(found).not.toEqual([]);
      return found;
    }, 3 * MINUTE);
    expect(alert?.labels).toMatchObject({ namespace: NAMESPACE });
    expect(alert?.annotations.runbook_url).toMatch(/#highpipelinelatency$/);
  });
});

describe('helm uninstall', () => {
  it('leaves only the CRD, the volumes, the password of Postgres and the Lease of the operator', async () => {
    installed = undefined;
    await tally.time('uninstall', uninstallChart);
    await eventually(async () => expect(await listObjects<Pod>('pods', here)).toEqual([]), 2 * MINUTE);
    const expected = [
      'lease.coordination.k8s.io/tradingpipeline-controller',
      'persistentvolumeclaim/data-kafka-0',
      'persistentvolumeclaim/data-postgres-0',
      'persistentvolumeclaim/data-redis-0',
      'secret/postgres',
      ...monitoring.stays,
    ].sort();
    await eventually(async () => expect((await listPlatformObjects()).sort()).toEqual(expected), MINUTE);
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

/** Lists every object of the platform as `kind/name`: all objects in its namespace except those that Kubernetes creates itself. */
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
