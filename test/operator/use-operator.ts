/**
 * The fixture of the operator's tests. Each test gets its own namespaces and an operator that watches only these namespaces, so tests
 * do not affect each other. The operators are stopped after the test.
 */
import { afterAll, afterEach, beforeAll, beforeEach, inject } from 'vitest';
import { type KubeObject, type ObjectName, resources } from '#controller/api/kube-object.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
import type { Condition } from '#controller/api/trading-pipeline-status.ts';
import type { KubeClient } from '#controller/kube/kube-client.ts';
import { applyManifests, readManifests } from '#local/stack/apply-manifests.ts';
import { applyCrds, ownCrds } from '../support/setup-operator.ts';
import { startApiServer, type TestApiServer } from '../support/start-api-server.ts';
import {
  connectAdmin,
  createNamespace,
  find,
  type Kubeconfigs,
  type OperatorTuning,
  type OperatorUnderTest,
  rbacManifest,
  settled,
  startOperator,
  tradingPipeline,
  untilCondition,
} from './operator-under-test.ts';

interface ClusterOptions {
  /** How many namespaces each test gets. Default 1. */
  readonly namespaces?: number;
  /**
   * Called before each test; returns the kubeconfigs that the test uses. By default, these are of the API server that
   * all test files share.
   */
  readonly kubeconfigs?: () => Kubeconfigs;
}

/** A test's access to the cluster. The parameter `where` is a namespace, by default the first namespace of the test. */
interface ClusterFixture {
  /** A client with the permissions of a cluster administrator. */
  readonly admin: KubeClient;
  readonly namespace: string;
  readonly namespaces: readonly string[];
  at(name: string, where?: string): Required<ObjectName>;
  /** Applies a TradingPipeline. */
  apply(name: string, spec: object, where?: string): Promise<TradingPipeline>;
  /** Deletes a TradingPipeline. */
  remove(name: string, where?: string): Promise<void>;
  find(kind: (typeof resources)[keyof typeof resources], name: string, where?: string): Promise<KubeObject | undefined>;
  settled(name: string, withinMs?: number, where?: string): Promise<TradingPipeline>;
  untilCondition(
    name: string,
    type: string,
    wanted: Partial<Condition> | undefined,
    withinMs?: number,
    where?: string,
  ): Promise<TradingPipeline>;
}

interface OperatorOptions extends ClusterOptions {
  /** Whether an operator is started before each test. If false, tests call `start`. Default true. */
  readonly autoStart?: boolean;
  /** Called before each test. Returns options for the operator. */
  readonly tuning?: () => OperatorTuning;
}

interface OperatorFixture extends ClusterFixture {
  /** The operator that was started before the test, or the last one that `start` returned. */
  readonly operator: OperatorUnderTest;
  /** Starts another operator, by default for the namespaces of the test. */
  start(options?: {
    readonly tuning?: OperatorTuning;
    readonly namespaces?: readonly string[];
  }): Promise<OperatorUnderTest>;
}

/** Gives each test of a describe block namespaces without an operator, for tests that start a controller process. */
export function useCluster({ namespaces = 1, kubeconfigs = sharedKubeconfigs }: ClusterOptions = {}): ClusterFixture {
  let admin: KubeClient;
  let own: string[] = [];
  beforeEach(async () => {
    admin = connectAdmin(kubeconfigs().admin);
    await applyManifests(admin, readManifests(rbacManifest));
    own = await Promise.all(Array.from({ length: namespaces }, () => createNamespace(admin)));
  });
  afterEach(() => admin.close());
  const first = () => own[0] ?? '';
  return {
    get admin() {
      return admin;
    },
    get namespace() {
      return first();
    },
    get namespaces() {
      return own;
    },
    at: (name, where = first()) => ({ namespace: where, name }),
    apply: (name, spec, where = first()) => admin.apply(resources.tradingPipeline, tradingPipeline(where, name, spec)),
    remove: (name, where = first()) => admin.delete(resources.tradingPipeline, { namespace: where, name }),
    find: (kind, name, where = first()) => find(admin, kind, where, name),
    settled: (name, withinMs, where = first()) => settled(admin, where, name, withinMs),
    untilCondition: (name, type, wanted, withinMs, where = first()) =>
      untilCondition(admin, { namespace: where, name }, type, wanted, withinMs),
  };
}

/** Gives each test of a describe block namespaces and an operator. */
export function useOperator({ tuning, autoStart = true, ...options }: OperatorOptions = {}): OperatorFixture {
  const cluster = useCluster(options);
  const { kubeconfigs = sharedKubeconfigs } = options;
  const running: OperatorUnderTest[] = [];
  const start: OperatorFixture['start'] = async (given = {}) => {
    const operator = await startOperator(
      kubeconfigs(),
      given.namespaces ?? cluster.namespaces,
      given.tuning ?? tuning?.(),
    );
    running.push(operator);
    return operator;
  };
  if (autoStart) beforeEach(async () => void (await start()));
  afterEach(async () => {
    for (const operator of running.splice(0)) await operator.stop();
  });
  return Object.defineProperties({ start } as OperatorFixture, {
    ...Object.getOwnPropertyDescriptors(cluster),
    operator: { get: () => running.at(-1) },
  });
}

/** Gives a describe block its own API server with our CRDs, which its tests may break. */
export function useOwnApiServer(): { readonly server: TestApiServer; readonly kubeconfigs: () => Kubeconfigs } {
  let server: TestApiServer;
  beforeAll(async () => {
    server = await startApiServer();
    await applyCrds(server.kubeconfigs.admin, [server.crds, ownCrds]);
  });
  afterAll(() => server?.stop());
  return {
    get server() {
      return server;
    },
    kubeconfigs: () => server.kubeconfigs,
  };
}

function sharedKubeconfigs(): Kubeconfigs {
  return inject('apiServer').kubeconfigs;
}
