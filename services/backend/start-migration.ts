import type { Kysely } from 'kysely';
import { keepTrying } from '#base/keep-trying.ts';
import type { Logger } from '#kit/log.ts';
import { migrate } from '#platform/migrate.ts';
import type { Database } from '#platform/schema.ts';

export interface Migration {
  /** Resolves when the database has the newest schema, or the signal was aborted. */
  ended: Promise<void>;
  /** For /readyz. */
  check(): string | undefined;
}

/** Migrates the database, and waits for one that is away. Returns at once. */
export function startMigration(db: Kysely<Database>, log: Logger, signal: AbortSignal): Migration {
  let done = false;
  const work = async () => {
    await migrate(db, log);
    done = true;
  };
  const ended = keepTrying('migrate the database', work, { log, signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return { ended, check: () => (done ? undefined : 'not migrated yet') };
}
