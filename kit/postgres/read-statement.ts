import type { RootOperationNode } from 'kysely';

export interface Statement {
  operation: 'select' | 'insert' | 'update' | 'delete' | 'other';
  /** The table it is about, or `other`. */
  table: string;
}

/** Reads from a query's tree what kind it is and which table it is about: the labels of the query metrics. */
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
