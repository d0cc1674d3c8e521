/**
 * The fixture of the operator's tests: each test gets namespaces of its own and an operator that watches only these, so no test
 * depends on another one. Everything is stopped after the test.
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
  /** Read before each test. By default those of the API server that all files share. */
  readonly kubeconfigs?: () => Kubeconfigs;
}

/** What a test sees of the cluster. `where` is a namespace, by default the first one of the test. */
interface ClusterFixture {
  /** A cluster administrator, as a user would be. */
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
  /** If false, tests start operators themselves. Default true. */
  readonly autoStart?: boolean;
  /** Read before each test. */
  readonly tuning?: () => OperatorTuning;
}

interface OperatorFixture extends ClusterFixture {
  /** The operator that was started before the test, or the last one that `start` returned. */
  readonly operator: OperatorUnderTest;
  /** Starts one more operator, by default for the namespaces of the test. */
  start(options?: {
    readonly tuning?: OperatorTuning;
    readonly namespaces?: readonly string[];
  }): Promise<OperatorUnderTest>;
}

/** Call it in a describe block. Namespaces without an operator, for tests that start a controller process. */
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

/** Call it in a describe block. */
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

/** Call it in a describe block. An API server with our CRDs that the tests of the block may break. */
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
