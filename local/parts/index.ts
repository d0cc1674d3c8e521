import type { Part } from '../provision/part.ts';
import { alertmanager } from './alertmanager.ts';
import { etcd } from './etcd.ts';
import { grafana } from './grafana.ts';
import { helm } from './helm.ts';
import { java } from './java.ts';
import { kafka } from './kafka.ts';
import { kubeApiserver } from './kube-apiserver.ts';
import { monitoringCrds } from './monitoring-crds.ts';
import { otelCollector } from './otel-collector.ts';
import { postgres } from './postgres.ts';
import { prometheus } from './prometheus.ts';
import { prometheusOperator } from './prometheus-operator.ts';
import { redis } from './redis.ts';
import { fish, zsh } from './shells.ts';

/**
 * Every part that the stack or the tests run on. Parts that take longest to provide come first, so that work on them
 * starts first.
 */
export const parts = {
  kubeApiserver,
  prometheusOperator,
  helm,
  etcd,
  otelCollector,
  kafka,
  java,
  postgres,
  redis,
  prometheus,
  alertmanager,
  monitoringCrds,
  grafana,
  zsh,
  fish,
} as const satisfies Record<string, Part>;
