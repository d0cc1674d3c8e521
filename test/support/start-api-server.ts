import { join } from 'node:path';
import { parts } from '#local/parts/index.ts';
import { buildEtcd, etcdAddress } from '#local/servers/etcd.ts';
import { findFreePort } from '#local/servers/free-port.ts';
import { buildApiServer, listApiUsers } from '#local/servers/kube-apiserver.ts';
import { provisionForTests } from './provision-for-tests.ts';
import { startRunning } from './running.ts';
import { makeTestFolder, removeTestFolder } from './test-folder.ts';

export interface TestApiServer {
  readonly url: string;
  /** Paths of kubeconfig files. `controller` authenticates as system:serviceaccount:trading-platform:controller. */
  readonly kubeconfigs: { readonly admin: string; readonly controller: string };
  readonly crds: string;
  /** Stops the API server but not etcd, so that watches break and requests are refused. */
  halt(options?: { readonly kill?: boolean }): Promise<void>;
  /** Starts the API server again, on the same port and with the same credentials. */
  start(): Promise<void>;
  /** Stops the API server and etcd, and removes their data. */
  stop(): Promise<void>;
}

/** Starts etcd and a kube-apiserver with RBAC. They contain only the objects that a new API server creates. */
export async function startApiServer(): Promise<TestApiServer> {
  const [etcdPart, apiPart, crds] = await Promise.all([
    provisionForTests(parts.etcd),
    provisionForTests(parts.kubeApiserver),
    provisionForTests(parts.monitoringCrds),
  ]);
  const folder = makeTestFolder('api-server');
  const port = await findFreePort();
  const etcd = await startRunning(
    buildEtcd({
      program: etcdPart.files.etcd,
      environment: etcdPart.environment,
      folder: join(folder, 'etcd'),
      throwAway: true,
    }),
    folder,
  );
  const users = listApiUsers(folder);
  const server = buildApiServer({
    program: apiPart.files['kube-apiserver'],
    environment: apiPart.environment,
    folder: join(folder, 'credentials'),
    port,
    etcd: etcdAddress(join(folder, 'etcd')),
    users,
  });
  let running = await startRunning(server, folder);
  return {
    url: `https://127.0.0.1:${port}`,
    kubeconfigs: { admin: join(folder, 'kubeconfig'), controller: join(folder, 'kubeconfig-controller') },
    crds: crds.files.crds,
    halt: (how) => running.stop(how),
    start: async () => {
      running = await startRunning(server, folder);
    },
    stop: async () => {
      await running.stop({ kill: true });
      await etcd.stop({ kill: true });
      removeTestFolder(folder);
    },
  };
}
