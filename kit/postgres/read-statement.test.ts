import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Database } from '#platform/schema.ts';
import { readStatement } from './read-statement.ts';

const db = new Kysely<Database>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

describe('readStatement', () => {
  it.each([
    [db.selectFrom('orders').selectAll(), { operation: 'select', table: 'orders' }],
    [
      db.selectFrom('orders as o').innerJoin('executions', 'executions.execution_id', 'o.execution_id').selectAll(),
      { operation: 'select', table: 'orders' },
    ],
    [db.insertInto('bars').values([]), { operation: 'insert', table: 'bars' }],
    [db.updateTable('executions').set({ status: 'running' }), { operation: 'update', table: 'executions' }],
    [db.deleteFrom('positions'), { operation: 'delete', table: 'positions' }],
    [db.selectFrom(sql`unnest(${[1]}::int[])`.as('ids')).selectAll(), { operation: 'select', table: 'other' }],
  ])('reads operation and table of statement %#', (query, expected) => {
    expect(readStatement(query.toOperationNode())).toEqual(expected);
  });

  it('labels raw SQL as other', () => {
    expect(readStatement(sql`vacuum`.toOperationNode())).toEqual({ operation: 'other', table: 'other' });
  });
});
