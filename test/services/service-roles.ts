import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { connectPostgres } from '#kit/postgres/database.ts';
import { prepareDatabase } from '#platform/prepare-database.ts';
import type { Database } from '#platform/schema.ts';
import { type DatabaseService, databaseServices } from '#platform/service-grants.ts';

export type RoleUrls = Readonly<Record<DatabaseService, string>>;

const log = pino({ level: 'silent' });

/** Builds connection strings of the services for a database. A Postgres shares roles between databases, so their names are random. */
export function buildRoleUrls(ownerUrl: string): RoleUrls {
  const id = randomBytes(6).toString('hex');
  const entries = databaseServices.map((service) => {
    const url = new URL(ownerUrl);
    url.username = `${service}-${id}`;
    url.password = randomBytes(12).toString('hex');
    return [service, url.href];
  });
  return Object.fromEntries(entries) as RoleUrls;
}

/** Migrates a database and creates the roles of the services, as the migration does. Returns their connection strings. */
export async function prepareRoles(ownerUrl: string, urls = buildRoleUrls(ownerUrl)): Promise<RoleUrls> {
  const owner = connectPostgres<Database>(ownerUrl, log);
  try {
    await prepareDatabase(owner, urls, log);
  } finally {
    await owner.destroy();
  }
  return urls;
}
