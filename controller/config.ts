/** The controller's environment variables. A mistake in one of them ends the process at the start, with its name. */
import { z } from 'zod';
import { declaredPipelinesTokenSchema } from '#catalogue/declared-pipelines.ts';
import { millisecondsSchema } from '#kit/config.ts';
import { FIELD_MANAGER } from './api/names.ts';

const environmentSchema = z.object({
  KUBECONFIG: z.string().optional().describe("kubeconfig file; if absent, the pod's service account or ~/.kube/config"),
  NAMESPACES: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((name) => name.trim()))
    .transform((names) => names.filter((name) => name !== ''))
    .describe('namespaces to watch, separated by commas; all if empty'),
  PROMETHEUS_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('base URL of the Prometheus that scrapes, evaluates and alerts; if absent, the controller asks none'),
  PIPELINES_API_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('base URL of the backend to register declared pipelines with; if absent, none are registered'),
  PIPELINES_API_TOKEN: declaredPipelinesTokenSchema
    .optional()
    .describe('the same secret as PIPELINES_API_TOKEN of the backend'),
  PIPELINES_POLL_MS: millisecondsSchema
    .default(15_000)
    .describe(
      "the backend's pipelines are compared with all resources this often, and at once when a resource changes",
    ),
  RESYNC_MS: millisecondsSchema.default(600_000).describe('every resource is reconciled again after this long'),
  LEADER_ELECTION: z.stringbool().default(true).describe('of several controllers, only the holder of a Lease writes'),
  LEASE_NAMESPACE: z.string().optional().describe("if absent, the pod's own namespace or trading-platform"),
  LEASE_NAME: z.string().default(FIELD_MANAGER).describe('use another name for controllers of other NAMESPACES'),
  LEASE_DURATION_MS: millisecondsSchema
    .default(15_000)
    .describe('another controller may lead once the Lease has not been renewed for this long'),
  LEASE_RENEW_DEADLINE_MS: millisecondsSchema
    .default(10_000)
    .describe('a leader that cannot renew the Lease for this long stops leading'),
  LEASE_RETRY_MS: millisecondsSchema.default(2_000).describe('pause between two attempts to take or renew the Lease'),
});

export const configSchema = environmentSchema.refine(
  (config) => config.PIPELINES_API_URL === undefined || config.PIPELINES_API_TOKEN !== undefined,
  { path: ['PIPELINES_API_TOKEN'], message: 'must be set if PIPELINES_API_URL is: the secret that the backend knows' },
);
export type Config = z.infer<typeof configSchema>;
