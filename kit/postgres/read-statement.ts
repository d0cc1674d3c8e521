import type { RootOperationNode } from 'kysely';

interface Statement {
  operation: 'select' | 'insert' | 'update' | 'delete' | 'other';
  /** Name of the statement's first table; `other` if that is not a plain table. */
  table: string;
}

/**
 * Returns the values of the metric labels `operation` and `table` for a query.
 * @param node root of the query's syntax tree
 */
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
