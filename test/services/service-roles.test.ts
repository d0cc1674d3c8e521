import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connectPostgres } from '#kit/postgres/database.ts';
import { migrate } from '#platform/migrate.ts';
import { prepareDatabase } from '#platform/prepare-database.ts';
import type { Database } from '#platform/schema.ts';
import { type DatabaseService, databaseServices, serviceGrants } from '#platform/service-grants.ts';
import { createDatabase } from '../support/start-postgres.ts';
import { buildRoleUrls, prepareRoles, type RoleUrls } from './service-roles.ts';

const log = pino({ level: 'silent' });
let ownerUrl: string;
let owner: Kysely<Database>;
let urls: RoleUrls;
const as = {} as Record<DatabaseService, Kysely<Database>>;

beforeAll(async () => {
  ownerUrl = await createDatabase(inject('postgresUrl'));
  owner = connectPostgres<Database>(ownerUrl, log);
  urls = await prepareRoles(ownerUrl);
  for (const service of databaseServices) as[service] = connectPostgres<Database>(urls[service], log);
});
afterAll(() => Promise.all([owner, ...Object.values(as)].map((db) => db?.destroy())));

const roleOf = (service: DatabaseService) => decodeURIComponent(new URL(urls[service]).username);

/** Reads from Postgres what a role may do with each table. */
async function readPrivileges(role: string): Promise<Record<string, string[]>> {
  const { rows } = await sql<{ table: string; privilege: string }>`
    select relname as table, lower(privilege) as privilege
    from pg_class, unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) as privilege
    where relkind = 'r' and relnamespace = 'public'::regnamespace and has_table_privilege(${role}, oid, privilege)`.execute(
    owner,
  );
  const privileges: Record<string, string[]> = {};
  for (const { table, privilege } of rows) privileges[table] = [...(privileges[table] ?? []), privilege];
  return privileges;
}

it('the table of rights names every table of the database', async () => {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`.execute(owner);
  const own = rows.map(({ name }) => name).filter((name) => !name.startsWith('kysely_'));
  for (const service of databaseServices) expect(Object.keys(serviceGrants[service]).sort()).toEqual(own.sort());
});

describe.each(databaseServices)('the role of %s', (service) => {
  it('has the rights that the table lists, and no others', async () => {
    const whole = Object.entries(serviceGrants[service]).map(([table, privileges]) => [
      table,
      privileges.filter((privilege) => !privilege.includes('(')),
    ]);
    const expected = Object.fromEntries(
      [...whole, ['kysely_migration', ['select']]].filter(([, some]) => some!.length > 0),
    );
    expect(await readPrivileges(roleOf(service))).toEqual(expected);
  });

  it('may neither delete rows, nor create tables, nor become another role', async () => {
    const refused = [
      sql`delete from pipelines`,
      sql`drop table bars`,
      sql`create table mine (id int)`,
      sql`truncate signals`,
      sql`alter role ${sql.id(roleOf(service))} superuser`,
      sql`set role ${sql.id(new URL(ownerUrl).username)}`,
    ];
    for (const statement of refused)
      await expect(statement.execute(as[service])).rejects.toThrow(
        /permission denied|must be owner|must be superuser|Only roles with/,
      );
  });
});

it('a service may not do the work of another one', async () => {
  await expect(as['trigger-dispatcher'].selectFrom('orders').selectAll().execute()).rejects.toThrow(
    'permission denied',
  );
  await expect(as['trigger-dispatcher'].updateTable('portfolio').set({ cash_usd: 1 }).execute()).rejects.toThrow();
  await expect(as.backend.updateTable('positions').set({ quantity: 1 }).execute()).rejects.toThrow('permission denied');
  await expect(as.backend.updateTable('orders').set({ price: 1 }).execute()).rejects.toThrow('permission denied');
  await expect(as['celery-worker'].updateTable('pipelines').set({ status: 'paused' }).execute()).rejects.toThrow(
    'permission denied',
  );
});

describe('the migration', () => {
  it('gives a role its new password, and takes back rights that the table does not list', async () => {
    await sql`grant delete on bars to ${sql.id(roleOf('backend'))}`.execute(owner);
    const url = new URL(urls.backend);
    url.password = 'another:one/with@signs';
    await prepareDatabase(owner, { backend: url.href }, log);
    expect((await readPrivileges(roleOf('backend'))).bars).toEqual(['select', 'insert']);
    const db = connectPostgres<Database>(url.href, log);
    await expect(db.selectFrom('bars').selectAll().execute()).resolves.toEqual([]);
    await db.destroy();
    await prepareRoles(ownerUrl, urls);
  });

  it('runs as `main.ts migrate`, which ends with 0; a service that comes before it waits and says for what', async () => {
    const url = await createDatabase(inject('postgresUrl'));
    const roles = buildRoleUrls(url);
    const early = await prepareEmptyRole(url, roles.backend);
    await expect(migrate(early, log)).rejects.toThrow(/kysely_migration/);
    const env = {
      PATH: process.env.PATH,
      DATABASE_URL: url,
      BACKEND_DATABASE_URL: roles.backend,
      CELERY_WORKER_DATABASE_URL: roles['celery-worker'],
      TRIGGER_DISPATCHER_DATABASE_URL: roles['trigger-dispatcher'],
    };
    const run = promisify(execFile)(process.execPath, ['services/backend/main.ts', 'migrate'], { env });
    expect((await run).stdout).toContain('the database is ready');
    await migrate(early, log);
    await sql`delete from kysely_migration where name = '0002-model-calls'`.execute(connectOwner(url));
    await expect(migrate(early, log)).rejects.toThrow('the database lacks 0002-model-calls');
    await early.destroy();
  });

  it('refuses the owner of the tables as the role of a service, and a URL without a password', async () => {
    await expect(prepareDatabase(owner, { backend: ownerUrl }, log)).rejects.toThrow('owns the tables');
    await expect(prepareDatabase(owner, { backend: 'postgres://one@127.0.0.1/x' }, log)).rejects.toThrow(
      'expected postgres://user:password@',
    );
  });
});

const extra: Kysely<Database>[] = [];
afterAll(() => Promise.all(extra.map((db) => db.destroy())));

function connectOwner(url: string): Kysely<Database> {
  const db = connectPostgres<Database>(url, log);
  extra.push(db);
  return db;
}

/** Creates a role that may connect and nothing else, as an administrator would. */
async function prepareEmptyRole(url: string, roleUrl: string): Promise<Kysely<Database>> {
  const { username, password } = new URL(roleUrl);
  await sql`create role ${sql.id(username)} login password ${sql.lit(password)}`.execute(connectOwner(url));
  return connectPostgres<Database>(roleUrl, log);
}
