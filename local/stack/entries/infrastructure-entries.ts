import { join } from 'node:path';
import { parts } from '../../parts/index.ts';
import type { Provisioned } from '../../provision/part.ts';
import { buildEtcd, etcdAddress } from '../../servers/etcd.ts';
import { buildKafka } from '../../servers/kafka.ts';
import { buildApiServer, listApiUsers } from '../../servers/kube-apiserver.ts';
import { buildPostgres } from '../../servers/postgres.ts';
import { buildRedis } from '../../servers/redis.ts';
import { DATABASE, type StackContext } from '../stack-context.ts';
import { databaseEntry } from './database-entry.ts';
import { type ProcessEntry, READY_WITHIN_MS, type StackEntry } from './stack-entry.ts';

/** Returns the version and the source of a part, as `make up` prints them. */
export function describePart({ version, kind }: Provisioned): string {
  return kind === 'installed' ? `${version} (found on this machine)` : `${version} (${kind})`;
}

/** The third-party servers that the platform and its operator need. */
export function listInfrastructure(context: StackContext): StackEntry[] {
  return [
    { name: 'etcd', needs: [], process: etcdEntry(context) },
    { name: 'kube-apiserver', needs: ['etcd'], process: apiServerEntry(context) },
    { name: 'postgres', needs: [], process: postgresEntry(context) },
    databaseEntry(context),
    { name: 'redis', needs: [], process: redisEntry(context) },
    { name: 'kafka', needs: [], process: kafkaEntry(context) },
  ];
}

const etcdFolder = ({ data }: StackContext['paths']): string => join(data, 'etcd');

function etcdEntry({ paths, provision }: StackContext): ProcessEntry {
  return {
    ports: [],
    readyMs: READY_WITHIN_MS,
    build: async () => {
      const part = await provision(parts.etcd);
      const server = buildEtcd({
        program: part.files.etcd,
        environment: part.environment,
        folder: etcdFolder(paths),
      });
      return { server, version: describePart(part) };
    },
  };
}

function apiServerEntry({ paths, settings: { ports }, provision }: StackContext): ProcessEntry {
  return {
    ports: ['KUBE_API'],
    readyMs: READY_WITHIN_MS,
    build: async () => {
      const part = await provision(parts.kubeApiserver);
      const server = buildApiServer({
        program: part.files['kube-apiserver'],
        environment: part.environment,
        folder: paths.credentials,
        port: ports.KUBE_API,
        etcd: etcdAddress(etcdFolder(paths)),
        users: listApiUsers(paths.root),
      });
      return { server, version: describePart(part) };
    },
  };
}

function postgresEntry({ paths, settings, provision }: StackContext): ProcessEntry {
  return {
    ports: ['POSTGRES'],
    readyMs: READY_WITHIN_MS,
    build: async () => {
      const part = await provision(parts.postgres);
      const server = buildPostgres({
        programs: part.files,
        version: part.version,
        environment: part.environment,
        folder: paths.postgresData,
        port: settings.ports.POSTGRES,
        password: settings.postgresPassword,
        database: DATABASE,
      });
      return { server, version: describePart(part) };
    },
  };
}

function redisEntry({ paths, settings: { ports, redisPassword }, provision }: StackContext): ProcessEntry {
  return {
    ports: ['REDIS'],
    readyMs: READY_WITHIN_MS,
    build: async () => {
      const part = await provision(parts.redis);
      const server = buildRedis({
        program: part.files['redis-server'],
        environment: part.environment,
        folder: join(paths.data, 'redis'),
        port: ports.REDIS,
        password: redisPassword,
      });
      return { server, version: describePart(part) };
    },
  };
}

function kafkaEntry({ paths, settings: { ports, kafkaPassword }, provision }: StackContext): ProcessEntry {
  return {
    ports: ['KAFKA', 'KAFKA_CONTROLLER'],
    readyMs: READY_WITHIN_MS,
    build: async () => {
      const [java, kafka] = await Promise.all([provision(parts.java), provision(parts.kafka)]);
      const server = buildKafka({
        java: java.files.java,
        libs: kafka.files.libs,
        environment: java.environment,
        folder: join(paths.data, 'kafka'),
        port: ports.KAFKA,
        controllerPort: ports.KAFKA_CONTROLLER,
        password: kafkaPassword,
      });
      return { server, version: `${describePart(kafka)}, Java ${java.version}` };
    },
  };
}
