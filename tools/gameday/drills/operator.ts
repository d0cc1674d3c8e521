/** Faults around the operator: its API server, its Lease, its Prometheus, and others who write the same objects. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CONTROLLER } from '#catalogue/services.ts';
import { type KubeObject, resources } from '#controller/api/kube-object.ts';
import { FIELD_MANAGER } from '#controller/api/names.ts';
import { addDeadWebhook, claimTwice, platform, refuseRule } from '../../faults/api-server.ts';
import { keepDoing } from '../../faults/heal.ts';
import { freezeProcess, restart, stopProcess } from '../../faults/processes.ts';
import { useUpConnections } from '../../faults/servers.ts';
import type { StackUnderTest } from '../../observe/stack-under-test.ts';
import type { Drill, GameDay, Injected } from '../drill.ts';

/** More than the 512 connections that Prometheus accepts (--web.max-connections). */
const CONNECTIONS = 700;
const RESOURCES = 40;
const lease = { namespace: platform.namespace, name: FIELD_MANAGER };

export const operatorDrills: readonly Drill[] = [
  {
    name: 'rival-resource',
    fault: 'a second TradingPipeline claims the services of the first',
    provokes: ['OperatorResourcesNotReady'],
    inject: async ({ stack }) => ({ heal: await claimTwice(stack) }),
  },
  {
    name: 'quarrel',
    fault: 'another tool writes into a generated dashboard, every second',
    provokes: ['OperatorDriftStorm'],
    inject: async ({ stack }) => ({ heal: quarrel(stack) }),
  },
  {
    name: 'touched-lease',
    fault: "another tool writes into the operator's Lease all the time",
    provokes: ['OperatorConflictStorm'],
    // an operator that cannot renew the Lease stops leading
    follows: ['OperatorLeadership', 'OperatorStuck'],
    inject: async ({ stack }) => ({ heal: touchLease(stack) }),
  },
  {
    name: 'slow-webhook',
    fault: `${RESOURCES} resources are applied at once, and each write waits 5 s for an admission webhook that does not answer`,
    provokes: ['OperatorQueueSlow'],
    inject: (day) => applyManySlowly(day),
  },
  {
    name: 'dead-webhook',
    fault: 'an admission webhook that does not answer is asked before every PrometheusRule, and one is deleted by hand',
    provokes: ['OperatorReconcileErrors', 'OperatorApiErrors'],
    inject: async ({ stack }) => ({ heal: await refuseRule(stack) }),
  },
  {
    name: 'prometheus-full',
    fault: `${CONNECTIONS} idle connections to Prometheus, which takes no more, and the operator starts`,
    provokes: ['OperatorPrometheusSilent'],
    inject: fillPrometheus,
  },
  {
    name: 'taken-lease',
    fault: "somebody else holds the operator's Lease",
    provokes: ['OperatorLeadership', 'OperatorStuck'],
    inject: async ({ stack }) => ({ heal: takeLease(stack) }),
  },
  {
    name: 'frozen-api-server',
    fault: 'the API server takes connections and answers nothing',
    provokes: ['OperatorWatchOld'],
    // requests get no response, and the Lease cannot be renewed
    follows: ['OperatorApiErrors', 'OperatorLeadership', 'OperatorStuck', 'OperatorReconcileErrors'],
    inject: async ({ stack }) => ({ heal: await freezeProcess(stack, 'kube-apiserver') }),
  },
  {
    name: 'operator-down',
    fault: 'the operator is stopped',
    provokes: ['OperatorDown'],
    inject: async ({ stack }) => ({ heal: await stopProcess(stack, CONTROLLER) }),
  },
];

/** Uses up the connections that Prometheus accepts. A running operator would keep its open connection, so the operator is restarted. */
async function fillPrometheus({ stack }: GameDay): Promise<Injected> {
  const heal = useUpConnections(stack.at().prometheus, CONNECTIONS);
  await restart(stack, CONTROLLER);
  return { heal };
}

/**
 * Overwrites a generated dashboard again and again. Uses a dashboard, because each change of a rule or monitor would make
 * Prometheus reload its configuration.
 */
function quarrel(stack: StackUnderTest) {
  const client = stack.kube();
  const { apiVersion, kind } = resources.configMap;
  const metadata = { ...platform, name: `${platform.name}.dashboard-overview` };
  const heal = keepDoing(async (signal) => {
    const { data } = await client.get<KubeObject>(resources.configMap, metadata);
    const edited = Object.fromEntries(Object.entries(data as object).map(([file, text]) => [file, `${text} `]));
    await client.apply(resources.configMap, { apiVersion, kind, metadata, data: edited } as KubeObject);
    await sleep(1_000, undefined, { signal }).catch(() => undefined);
  });
  return async () => {
    await heal();
    client.close();
  };
}

function touchLease(stack: StackUnderTest) {
  const client = stack.kube();
  const { apiVersion, kind } = resources.lease;
  const heal = keepDoing(async () => {
    const touched = { 'gameday.trading-platform.dev/touched': String(performance.now()) };
    await client.apply(resources.lease, { apiVersion, kind, metadata: { ...lease, annotations: touched } });
  });
  return async () => {
    await heal();
    client.close();
  };
}

/** Renews the Lease again and again, so that the operator cannot take it. */
function takeLease(stack: StackUnderTest) {
  const client = stack.kube();
  const { apiVersion, kind } = resources.lease;
  const hold = (holderIdentity: string) => {
    const now = new Date().toISOString().replace('Z', '000Z');
    const spec = { holderIdentity, leaseDurationSeconds: 15, acquireTime: now, renewTime: now };
    return client.apply(resources.lease, { apiVersion, kind, metadata: lease, spec } as KubeObject);
  };
  const heal = keepDoing(async (signal) => {
    await hold('gameday');
    await sleep(1_000, undefined, { signal }).catch(() => undefined);
  });
  return async () => {
    await heal();
    await hold('');
    client.close();
  };
}

async function applyManySlowly({ stack, id }: GameDay): Promise<Injected> {
  const client = stack.kube();
  const removeWebhook = await addDeadWebhook(stack, { failurePolicy: 'Ignore', timeoutSeconds: 5 });
  const { apiVersion, kind } = resources.tradingPipeline;
  const many = Array.from({ length: RESOURCES }, (_, index) => ({ ...platform, name: `many-${id}-${index}` }));
  const spec = { alerts: { custom: [{ alert: 'Never', expr: 'vector(0) > 1' }] } };
  await Promise.all(
    many.map((metadata) => client.apply(resources.tradingPipeline, { apiVersion, kind, metadata, spec } as KubeObject)),
  );
  return {
    heal: async () => {
      await removeWebhook();
      await Promise.all(many.map((at) => client.delete(resources.tradingPipeline, at)));
      client.close();
    },
  };
}
