import type { ServiceName } from '#catalogue/services.ts';
import type { Database } from './schema.ts';

type Privilege = 'select' | 'insert' | 'update' | `update (${string})`;
type Grants = Readonly<Record<keyof Database, readonly Privilege[]>>;

/** The services that use the database. */
export const databaseServices = ['backend', 'celery-worker', 'trigger-dispatcher'] as const satisfies ServiceName[];
export type DatabaseService = (typeof databaseServices)[number];

export function isDatabaseService(name: ServiceName): name is DatabaseService {
  return (databaseServices as readonly ServiceName[]).includes(name);
}

const read: readonly Privilege[] = ['select'];
const append: readonly Privilege[] = ['select', 'insert'];
const change: readonly Privilege[] = ['select', 'update'];
const write: readonly Privilege[] = ['select', 'insert', 'update'];
/** Postgres lets only a user lock a row who may update a column of it. */
const lock: readonly Privilege[] = ['select', 'update (updated_at)'];
const nothing: readonly Privilege[] = [];

/**
 * What each service may do with each table. No service may delete rows, change the schema, or read a table of another
 * user. The migration grants these privileges to the roles of the services (prepare-database.ts).
 */
export const serviceGrants: Readonly<Record<DatabaseService, Grants>> = {
  backend: {
    pipelines: write,
    signals: read,
    executions: write,
    execution_stages: read,
    model_calls: read,
    orders: read,
    positions: read,
    portfolio: change,
    bars: append,
    schedules: nothing,
  },
  'celery-worker': {
    pipelines: lock,
    signals: read,
    executions: change,
    execution_stages: append,
    model_calls: write,
    orders: append,
    positions: write,
    portfolio: change,
    bars: read,
    schedules: nothing,
  },
  'trigger-dispatcher': {
    pipelines: lock,
    signals: write,
    executions: append,
    execution_stages: nothing,
    model_calls: nothing,
    orders: nothing,
    positions: nothing,
    portfolio: nothing,
    bars: nothing,
    schedules: change,
  },
};
