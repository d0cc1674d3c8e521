import type { RootOperationNode } from 'kysely';

export interface Statement {
  operation: 'select' | 'insert' | 'update' | 'delete' | 'other';
  /** The first table of the statement, or `other`. */
  table: string;
}

/** Returns the labels of the query metrics, from the root of a query's syntax tree. */
export function readStatement(node: RootOperationNode): Statement {
  switch (node.kind) {
    case 'SelectQueryNode':
      return { operation: 'select', table: tableName(node.from?.froms[0]) };
    case 'InsertQueryNode':
      return { operation: 'insert', table: tableName(node.into) };
    case 'UpdateQueryNode':
      return { operation: 'update', table: tableName(node.table) };
    case 'DeleteQueryNode':
      return { operation: 'delete', table: tableName(node.from.froms[0]) };
    default:
      return { operation: 'other', table: 'other' };
  }
}

interface TableLike {
  kind: string;
  table?: { identifier: { name: string } };
  node?: TableLike;
}

function tableName(node: unknown): string {
  const found = node as TableLike | undefined;
  if (found?.kind === 'AliasNode') return tableName(found.node);
  return found?.table?.identifier.name ?? 'other';
}
