import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Kysely } from 'kysely';
import type { UserAction } from '#catalogue/api.ts';
import type { ProcessConfig } from '#kit/config.ts';
import type { Logger } from '#kit/log.ts';
import type { ReadinessCheck } from '#kit/ops-server.ts';
import type { Scrape } from '#kit/telemetry/telemetry.ts';
import type { Database } from '#platform/schema.ts';
import type { PriceOf } from '#trading/ledger/valuation.ts';
import type { BackendConfig } from '../config.ts';
import type { EmittedWatch } from '../market-data/emitted-watch.ts';
import type { RunPipeline } from '../pipelines/run-pipeline.ts';
import type { StreamHub } from '../stream/stream-hub.ts';

/** The type of the HTTP server for routes and hooks. Requests and responses have the types of their zod schemas. */
export type Api = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, Logger, ZodTypeProvider>;

/** Everything that a route may use. */
export interface RouteContext {
  readonly config: Pick<
    BackendConfig,
    'API_ALLOWED_ORIGINS' | 'METRICS_ON_API' | 'PIPELINES_API_TOKEN' | 'PIPELINES_MAX_ENTRIES'
  > &
    Pick<ProcessConfig, 'HTTP_ALLOWED_HOSTS'>;
  readonly db: Kysely<Database>;
  readonly log: Logger;
  readonly priceOf: PriceOf;
  readonly runPipeline: RunPipeline;
  readonly hub: StreamHub;
  readonly emitted: Pick<EmittedWatch, 'read'>;
  /** The readiness checks that /readyz runs, keyed by the name of what they check, for example `kafka`. */
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  readonly scrape: Scrape;
  readonly now: () => Date;
}

/** A section of the OpenAPI document. */
export interface Tag {
  readonly name: string;
  readonly description: string;
}

/** A group of routes. A resource is served only if it is in the list of resources in api.ts. */
export interface Resource {
  /** The tag that every route of the resource gets in the OpenAPI document. */
  readonly tag: Tag;
  addRoutes(app: Api, context: RouteContext): void;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** If set, requests to this route are counted in api_user_actions_total with this value of the label `action`. */
    action?: UserAction;
  }
}
