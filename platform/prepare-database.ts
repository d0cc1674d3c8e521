import { type Kysely, sql } from 'kysely';
import type { Logger } from '#kit/log.ts';
import { migrate } from './migrate.ts';
import type { Database } from './schema.ts';
import { type DatabaseService, databaseServices, serviceGrants } from './service-grants.ts';

/** Connection strings by service, with user and password of the service's role. A service without one gets no role. */
export type ServiceUrls = Readonly<Partial<Record<DatabaseService, string | undefined>>>;

interface Role {
  readonly name: string;
  readonly password: string;
}

/** Key of the advisory lock that lets one process at a time change roles: the ASCII codes of `tprl`. */
const LOCK = 0x7470_726c;

/**
 * Migrates the database, then creates the role of each service and grants it what `serviceGrants` lists, and nothing else.
 * Safe to repeat: a later call changes passwords and takes back rights that the table no longer lists.
 * @param owner a connection of the user who owns the tables. If this user may not create roles, they must exist
 * @throws Error that names a role that is missing, or a user without a password in a URL
 */
export async function prepareDatabase(owner: Kysely<Database>, urls: ServiceUrls, log: Logger): Promise<void> {
  await migrate(owner, log);
  await owner.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(transaction);
    // before version 15, Postgres lets every user create tables in this schema
    await sql`revoke create on schema public from public`.execute(transaction);
    for (const service of databaseServices) {
      const url = urls[service];
      if (url === undefined) continue;
      const role = readRole(service, url);
      await ensureRole(transaction, role);
      await grant(transaction, service, role.name);
      log.info({ service, role: role.name }, 'rights of the service granted');
    }
  });
}

function readRole(service: DatabaseService, text: string): Role {
  const url = new URL(text);
  if (url.username === '' || url.password === '')
    throw new Error(`the URL of ${service}: expected postgres://user:password@…, got no user or no password`);
  return { name: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
}

const nobody = { exists: false, own: false, may: false, user: '' };

async function ensureRole(owner: Kysely<Database>, { name, password }: Role): Promise<void> {
  const { rows } = await sql<typeof nobody>`
    select exists (select from pg_roles where rolname = ${name}) as exists, current_user = ${name} as own,
      (select rolcreaterole or rolsuper from pg_roles where rolname = current_user) as may, current_user as user`.execute(
    owner,
  );
  const [{ exists, own, may, user } = nobody] = rows;
  if (own) throw new Error(`the role ${name} owns the tables: give each service a role of its own`);
  if (!may && !exists)
    throw new Error(`the role ${name} does not exist, and ${user} may not create it: create it, with its password`);
  if (!may) return;
  const verb = sql.raw(exists ? 'alter' : 'create');
  await sql`${verb} role ${sql.id(name)} login nosuperuser nocreatedb nocreaterole password ${sql.lit(password)}`.execute(
    owner,
  );
}

async function grant(owner: Kysely<Database>, service: DatabaseService, role: string): Promise<void> {
  const to = sql.id(role);
  await sql`revoke all on all tables in schema public from ${to}`.execute(owner);
  await sql`grant usage on schema public to ${to}`.execute(owner);
  // the service waits at its start until this table lists the newest migration
  await sql`grant select on kysely_migration to ${to}`.execute(owner);
  for (const [table, privileges] of Object.entries(serviceGrants[service]))
    for (const privilege of privileges)
      await sql`grant ${sql.raw(privilege)} on ${sql.table(table)} to ${to}`.execute(owner);
}
