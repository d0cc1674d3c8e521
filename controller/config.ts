import { z } from 'zod';
import { declaredPipelinesTokenSchema } from '#catalogue/declared-pipelines.ts';
import { httpAddressSchema, millisecondsSchema } from '#kit/config.ts';
import { FIELD_MANAGER } from './api/names.ts';

const environmentSchema = z.object({
  KUBECONFIG: z
    .string()
    .optional()
    .describe("kubeconfig file; without it, the pod's service account, or ~/.kube/config outside a pod"),
  NAMESPACES: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((name) => name.trim()))
    .transform((names) => names.filter((name) => name !== ''))
    .describe('namespaces to watch, separated by commas; without it, all'),
  PROMETHEUS_URL: httpAddressSchema
    .optional()
    .describe(
      'base URL of the Prometheus that is asked for targets, rules and alerts; without it, the status shows none of them',
    ),
  PIPELINES_API_URL: httpAddressSchema
    .optional()
    .describe('base URL of the backend in which declared pipelines are registered; without it, none are'),
  PIPELINES_API_TOKEN: declaredPipelinesTokenSchema
    .optional()
    .describe(
      'bearer token for PIPELINES_API_URL, and needed with it. The same secret as PIPELINES_API_TOKEN of the backend',
    ),
  PIPELINES_POLL_MS: millisecondsSchema
    .default(15_000)
    .describe('time between two comparisons of the backend with the resources; a change of a resource is told at once'),
  RESYNC_MS: millisecondsSchema.default(600_000).describe('time after which every resource is reconciled again'),
  LEADER_ELECTION: z
    .stringbool()
    .default(true)
    .describe('true lets only the holder of a Lease write, so that several controllers can run'),
  LEASE_NAMESPACE: z
    .string()
    .optional()
    .describe("namespace of the Lease; without it, the pod's own, or trading-platform outside a pod"),
  LEASE_NAME: z
    .string()
    .default(FIELD_MANAGER)
    .describe('name of the Lease; controllers of different NAMESPACES need different names'),
  LEASE_DURATION_MS: millisecondsSchema
    .default(15_000)
    .describe('time without a renewal after which another controller may take the Lease'),
  LEASE_RENEW_DEADLINE_MS: millisecondsSchema
    .default(10_000)
    .describe('time without a successful renewal after which the leader stops writing'),
  LEASE_RETRY_MS: millisecondsSchema.default(2_000).describe('time between two attempts to take or to renew the Lease'),
});

/** The environment variables of the controller, in addition to those of every process. */
export const configSchema = environmentSchema.refine(
  (config) => config.PIPELINES_API_URL === undefined || config.PIPELINES_API_TOKEN !== undefined,
  { path: ['PIPELINES_API_TOKEN'], message: 'must be set beside PIPELINES_API_URL: the secret that the backend knows' },
);
export type ControllerConfig = z.infer<typeof configSchema>;
