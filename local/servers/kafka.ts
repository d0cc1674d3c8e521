import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LaunchError } from './launch.ts';
import { portAnswers } from './probes.ts';
import type { Server } from './server.ts';

interface KafkaOptions {
  readonly java: string;
  /** The folder with the jars. */
  readonly libs: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly port: number;
  readonly controllerPort: number;
  /** The password of the user KAFKA_USER; without one, every user of the machine may connect. */
  readonly password?: string;
  /** Kafka settings that override ours. */
  readonly settings?: Readonly<Record<string, string>>;
}

export const KAFKA_USER = 'trading';
const loggingConfiguration = join(import.meta.dirname, '..', 'config', 'kafka-log4j2.properties');

/** A single Kafka node in KRaft mode: broker and controller in one process. */
export function buildKafka(options: KafkaOptions): Server {
  const properties = join(options.folder, 'server.properties');
  return {
    name: 'kafka',
    command: options.java,
    args: [...buildJavaArgs(options), '-Xmx256m', '-Xms128m', 'kafka.Kafka', properties],
    environment: options.environment,
    prepare: () => prepareKafka(options, properties),
    ready: () => portAnswers(options.port, apiVersionsRequest),
    graceMs: 20_000,
  };
}

function buildJavaArgs(options: KafkaOptions): string[] {
  const quickStart = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'];
  const logging = `-Dlog4j2.configurationFile=${loggingConfiguration}`;
  return ['-cp', `${options.libs}/*`, ...quickStart, '-Djava.awt.headless=true', logging];
}

async function prepareKafka(options: KafkaOptions, properties: string): Promise<void> {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  writeFileSync(properties, formatProperties(buildProperties(options)), { mode: 0o600 });
  // The marker file is written last, so that an interrupted formatting is repeated
  const formatted = join(options.folder, 'formatted');
  if (existsSync(formatted)) return;
  rmSync(join(options.folder, 'data'), { recursive: true, force: true });
  const clusterId = Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
  // With `=`, because one id in 64 begins with a dash, which would look like an option
  const format = ['kafka.tools.StorageTool', 'format', `--cluster-id=${clusterId}`, '-c', properties];
  await promisify(execFile)(options.java, [...buildJavaArgs(options), '-Xmx128m', ...format], {
    env: { ...process.env, ...options.environment },
  }).catch((error: Error) => {
    throw new LaunchError(`kafka could not format ${options.folder}: ${error.message}`);
  });
  writeFileSync(formatted, `${clusterId}\n`);
}

/** Returns the settings of server.properties, keyed by name. Pure. */
function buildProperties(
  options: Pick<KafkaOptions, 'folder' | 'port' | 'controllerPort' | 'password' | 'settings'>,
): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${options.controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://127.0.0.1:${options.port},CONTROLLER://127.0.0.1:${options.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${options.port}`,
    'log.dirs': join(options.folder, 'data'),
    // A misspelt topic name must fail instead of creating a topic
    'auto.create.topics.enable': 'false',
    // There is only one node to hold replicas
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '8',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    // Do not wait for more consumers to join a group
    'group.initial.rebalance.delay.ms': '0',
    ...(options.password === undefined ? {} : buildLogin(options.password)),
    ...options.settings,
  };
}

/** The settings with which clients, and the node itself, must authenticate with SASL PLAIN. */
function buildLogin(password: string): Record<string, string> {
  const module = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  const login = `${module} username="${KAFKA_USER}" password="${password}" user_${KAFKA_USER}="${password}";`;
  return {
    'listener.security.protocol.map': 'PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT',
    'sasl.enabled.mechanisms': 'PLAIN',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'sasl.mechanism.controller.protocol': 'PLAIN',
    'listener.name.plaintext.plain.sasl.jaas.config': login,
    'listener.name.controller.plain.sasl.jaas.config': login,
  };
}

function formatProperties(properties: Readonly<Record<string, string>>): string {
  return `${Object.entries(properties)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

/** A Kafka request: ApiVersions (key 18) version 0, size 10, correlation id 1, empty client id. */
const apiVersionsRequest = Buffer.from('0000000a00120000000000010000', 'hex');
