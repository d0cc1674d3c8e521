import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER, labels } from '#controller/api/names.ts';
import type { Resource } from '#controller/api/resources.ts';
import type { StackUnderTest } from '../observe/stack-under-test.ts';
import type { Heal } from './heal.ts';

const webhooks: Resource = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  namespaced: false,
};

export interface DeadWebhook {
  /** What becomes of a write when the webhook has not answered: it is refused, or goes through. */
  readonly failurePolicy: 'Fail' | 'Ignore';
  /** How long each write waits for it. */
  readonly timeoutSeconds: number;
}

/** An admission webhook of somebody else, asked before every PrometheusRule that the operator writes, that never answers. */
export async function addDeadWebhook(
  stack: StackUnderTest,
  { failurePolicy, timeoutSeconds }: DeadWebhook,
): Promise<Heal> {
  const sockets = new Set<Socket>();
  const silence = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => silence.listen(0, '127.0.0.1', resolve));
  const { port } = silence.address() as AddressInfo;
  const name = 'dead.gameday.trading-platform.dev';
  const object: KubeObject & Record<string, unknown> = {
    apiVersion: webhooks.apiVersion,
    kind: webhooks.kind,
    metadata: { name },
    webhooks: [
      {
        name,
        clientConfig: { url: `https://127.0.0.1:${port}/` },
        objectSelector: { matchLabels: { [labels.managedBy]: FIELD_MANAGER } },
        rules: [
          {
            apiGroups: ['monitoring.coreos.com'],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['prometheusrules'],
          },
        ],
        failurePolicy,
        timeoutSeconds,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  };
  const client = stack.kube();
  await client.apply(webhooks, object);
  return async () => {
    await client.delete(webhooks, { name });
    client.close();
    for (const socket of sockets) socket.destroy();
    silence.close();
  };
}
