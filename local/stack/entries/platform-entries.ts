import { join } from 'node:path';
import { CONTROLLER, type ServiceName, serviceNames } from '#catalogue/services.ts';
import { isDatabaseService } from '#platform/service-grants.ts';
import { KAFKA_USER } from '../../servers/kafka.ts';
import { buildNodeProcess, readyOn } from '../../servers/node-process.ts';
import { httpAnswers } from '../../servers/probes.ts';
import type { PortName } from '../ports.ts';
import { addresses, type StackContext, serviceDatabaseUrls } from '../stack-context.ts';
import { repository } from '../state.ts';
import { metricsPort } from './platform-objects.ts';
import { type ProcessEntry, READY_WITHIN_MS, type StackEntry } from './stack-entry.ts';

/** The platform's own processes. */
export function listPlatform(context: StackContext): StackEntry[] {
  const services = serviceNames.map((name) => ({
    name,
    needs: ['database', 'redis', 'kafka'],
    process: serviceEntry(name, context),
  }));
  return [
    modelApiEntry(context),
    ...services,
    { name: CONTROLLER, needs: ['cluster-objects'], process: controllerEntry(context) },
  ];
}

function serviceEntry(name: ServiceName, context: StackContext): ProcessEntry {
  const port = metricsPort[name];
  const known = addresses(context.settings);
  const { ports, pipelinesApiToken } = context.settings;
  const own: Partial<Record<ServiceName, Readonly<Record<string, string>>>> = {
    backend: {
      ...{ API_HOST: '127.0.0.1', API_PORT: String(ports.API), PIPELINES_API_TOKEN: pipelinesApiToken },
      // Users look for /metrics on the port of the API too. In a cluster it is off, because the API may be public
      METRICS_ON_API: process.env.METRICS_ON_API || 'true',
    },
    'celery-worker': chooseModel(known.modelApi),
    // Random signals, so that every panel moves even while the market gives none
    'signal-generator': { MOCK_GENERATOR: process.env.MOCK_GENERATOR ?? 'true' },
  };
  return ownProcess(name, `services/${name}/main.ts`, name === 'backend' ? [port, 'API'] : [port], context, {
    KAFKA_BROKERS: known.kafka,
    KAFKA_SASL_MECHANISM: 'plain',
    KAFKA_USERNAME: KAFKA_USER,
    KAFKA_PASSWORD: known.kafkaPassword,
    ...(isDatabaseService(name) && { DATABASE_URL: serviceDatabaseUrls(context.settings)[name] }),
    REDIS_URL: known.redis,
    ...own[name],
  });
}

/**
 * Returns the environment that makes the worker use the fake model API. Empty if the caller sets MODEL_API_URL, even if
 * to an empty value, which means no model.
 */
function chooseModel(url: string): Readonly<Record<string, string>> {
  if (process.env.MODEL_API_URL !== undefined) return {};
  // The price of the smallest models: high enough to show on the cost dashboards, too low to spend a pipeline's daily budget
  const price = { MODEL_INPUT_USD_PER_MILLION: '0.05', MODEL_OUTPUT_USD_PER_MILLION: '0.4' };
  return { MODEL_API_URL: url, MODEL_NAME: 'fake-model', MODEL_AGENTS: 'bias,strategy', ...price };
}

/** A FAKE model API: it speaks the protocol of a real model API, but no language model answers. */
function modelApiEntry({ settings: { ports } }: StackContext): StackEntry {
  const port = ports.MODEL_API;
  return {
    name: 'model-api',
    needs: [],
    process: {
      ports: ['MODEL_API'],
      health: '/healthz',
      readyMs: READY_WITHIN_MS,
      build: async () => ({
        version: 'a FAKE: not a language model, always the same answers',
        server: buildNodeProcess({
          name: 'model-api',
          main: 'local/fakes/model-api.ts',
          repository,
          environment: { PORT: String(port) },
          ready: () => httpAnswers(`http://127.0.0.1:${port}/healthz`),
        }),
      }),
    },
  };
}

function controllerEntry(context: StackContext): ProcessEntry {
  return ownProcess(CONTROLLER, 'controller/main.ts', [metricsPort[CONTROLLER]], context, {
    KUBECONFIG: join(context.paths.root, 'kubeconfig-controller'),
    PROMETHEUS_URL: addresses(context.settings).prometheus,
    PIPELINES_API_URL: addresses(context.settings).api,
    PIPELINES_API_TOKEN: context.settings.pipelinesApiToken,
  });
}

function ownProcess(
  name: string,
  main: string,
  ports: readonly [PortName, ...PortName[]],
  { settings }: StackContext,
  environment: Readonly<Record<string, string>>,
): ProcessEntry {
  const port = settings.ports[ports[0]];
  // Variables that the caller has set, such as OTEL_… and REPLAY_BARS_PER_SECOND, are inherited unchanged
  const common = { METRICS_HOST: '127.0.0.1', METRICS_PORT: String(port), LOG_LEVEL: process.env.LOG_LEVEL ?? 'info' };
  return {
    ports,
    health: '/readyz',
    readyMs: READY_WITHIN_MS,
    build: async () => ({
      server: buildNodeProcess({
        name,
        main,
        repository,
        environment: { ...common, ...environment },
        ready: readyOn(port),
      }),
    }),
  };
}
