/**
 * Faults in the objects that the operator reads and writes on the API server: edited objects, rival resources, admission
 * webhooks that hang.
 */
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { services } from '#catalogue/services.ts';
import { type KubeObject, type ObjectName, type Resource, resources } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER, labels } from '#controller/api/names.ts';
import { isConflict } from '#controller/kube/kube-error.ts';
import type { StackUnderTest } from '../observe/stack-under-test.ts';
import type { Heal } from './heal.ts';

/** Name and namespace of the TradingPipeline of examples/platform, and of the PrometheusRule that is generated for it. */
export const platform = { namespace: 'trading-platform', name: 'platform' };

const webhooks: Resource = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  namespaced: false,
};

/**
 * Replaces the spec of an object as a user does with an editor; healing puts the old spec back. This is an update, not an
 * apply, because server-side apply would leave list items of another field manager in place.
 */
export async function editSpec(
  stack: StackUnderTest,
  resource: Resource,
  at: ObjectName,
  edit: (spec: object) => object,
): Promise<Heal> {
  const client = stack.kube();
  /** Replaces the spec, and returns the spec that the object had before. */
  const replace = async (build: (spec: object) => object): Promise<object> => {
    const object = await client.get<KubeObject>(resource, at);
    const spec = object.spec as object;
    try {
      await client.replace(resource, { ...object, spec: build(spec) });
      return spec;
    } catch (error) {
      // the operator wrote the status between our read and our write
      if (!isConflict(error)) throw error;
      return replace(build);
    }
  };
  const before = await replace(edit);
  return async () => {
    await replace(() => before);
    client.close();
  };
}

/**
 * Applies a second TradingPipeline that claims every service of the first one. The second TradingPipeline gets none of
 * the services, and its status reports that.
 */
export async function claimTwice(stack: StackUnderTest): Promise<Heal> {
  const client = stack.kube();
  const { apiVersion, kind } = resources.tradingPipeline;
  const metadata = { ...platform, name: 'rival' };
  const spec = { services: Object.keys(services).map((name) => ({ name })) };
  const rival: KubeObject = { apiVersion, kind, metadata, spec };
  await client.apply(resources.tradingPipeline, rival);
  return async () => {
    await client.delete(resources.tradingPipeline, metadata);
    client.close();
  };
}

interface DeadWebhook {
  /** What the API server does with a write when the webhook has not answered in time: refuse it, or let it through. */
  readonly failurePolicy: 'Fail' | 'Ignore';
  /** How long the API server delays each write while it waits for the webhook. */
  readonly timeoutSeconds: number;
}

/** Registers an admission webhook that never responds. The API server calls it for every PrometheusRule that the operator writes. */
export async function addDeadWebhook(stack: StackUnderTest, webhook: DeadWebhook): Promise<Heal> {
  const listener = await startSilentListener();
  const name = 'dead.gameday.trading-platform.dev';
  const client = stack.kube();
  await client.apply(webhooks, buildWebhook(name, listener.port, webhook));
  return async () => {
    await client.delete(webhooks, { name });
    client.close();
    listener.stop();
  };
}

/** Deletes the generated rule of the examples' pipeline, while an admission webhook prevents the operator from creating it again. */
export async function refuseRule(stack: StackUnderTest): Promise<Heal> {
  const client = stack.kube();
  const heal = await addDeadWebhook(stack, { failurePolicy: 'Fail', timeoutSeconds: 1 });
  await client.delete(resources.prometheusRule, { ...platform, name: 'euro-trend' });
  client.close();
  return heal;
}

/** Accepts connections and never sends a response. */
async function startSilentListener(): Promise<{ port: number; stop(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function buildWebhook(name: string, port: number, { failurePolicy, timeoutSeconds }: DeadWebhook): KubeObject {
  const prometheusRules = {
    apiGroups: ['monitoring.coreos.com'],
    apiVersions: ['v1'],
    operations: ['CREATE', 'UPDATE'],
    resources: ['prometheusrules'],
  };
  const webhook = {
    name,
    clientConfig: { url: `https://127.0.0.1:${port}/` },
    objectSelector: { matchLabels: { [labels.managedBy]: FIELD_MANAGER } },
    rules: [prometheusRules],
    failurePolicy,
    timeoutSeconds,
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  };
  return {
    apiVersion: webhooks.apiVersion,
    kind: webhooks.kind,
    metadata: { name },
    webhooks: [webhook],
  } as KubeObject;
}
