/** Reads the syntax tree of one file: ESTree with the nodes of TypeScript, as rolldown's parser returns it. Pure. */

export interface Node {
  readonly type: string;
  /** Offsets in the source, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

function nodesIn(value: unknown): Node[] {
  return (Array.isArray(value) ? value : [value]).filter(isNode);
}

/** Visits each node with its parent, parents first. */
export function visitNodes(node: Node, visit: (node: Node, parent?: Node) => void, parent?: Node): void {
  visit(node, parent);
  for (const value of Object.values(node)) for (const child of nodesIn(value)) visitNodes(child, visit, node);
}

const FUNCTIONS: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
]);

export function isFunction({ type }: Node): boolean {
  return FUNCTIONS.has(type);
}

/** The declared name; empty if the node has no name or computes it. */
export function nameOf(node: Node | undefined): string {
  const name = node?.id ?? node?.key;
  return isNode(name) ? String(name.name ?? '') : '';
}

/** A top-level declaration. */
export interface Unit {
  readonly node: Node;
  /** Whether the declaration is a function or a class. False for data, which may contain functions. */
  readonly isCode: boolean;
}

/** Lists the top-level declarations, keyed by name in the file. The name of an unnamed default export is `default`. */
export function listUnits(program: Node): Map<string, Unit> {
  const units = new Map<string, Unit>();
  for (const statement of nodesIn(program.body)) {
    const declaration = isNode(statement.declaration) ? statement.declaration : statement;
    if (declaration.type === 'VariableDeclaration') {
      for (const node of nodesIn(declaration.declarations))
        for (const name of namesIn(node.id)) units.set(name, { node, isCode: isCode(node.init) });
    } else if (isCode(declaration)) units.set(nameOf(declaration) || 'default', { node: declaration, isCode: true });
  }
  return units;
}

function isCode(value: unknown): boolean {
  return isNode(value) && (isFunction(value) || value.type === 'ClassDeclaration' || value.type === 'ClassExpression');
}

/** TypeScript nodes that wrap a value. Every other TypeScript node is a type. */
const VALUES_WITH_TYPES: ReadonlySet<string> = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSInstantiationExpression',
]);
/**
 * For each kind of node, the key of a child that only names a member or a label, unless the name is computed. Such a
 * name refers to no variable.
 */
const NAME_KEYS: Readonly<Record<string, string>> = {
  MemberExpression: 'property',
  Property: 'key',
  MethodDefinition: 'key',
  PropertyDefinition: 'key',
  LabeledStatement: 'label',
  BreakStatement: 'label',
  ContinueStatement: 'label',
};

/**
 * Lists the free names of a piece of code, such as the functions it calls. Leaves out types and the names that the code
 * declares itself. A member of a free name is listed as `name.member`.
 */
export function listFreeNames(node: Node): Set<string> {
  const names = new Set<string>();
  collectFreeNames(node, new Set(), names);
  return names;
}

function collectFreeNames(node: Node, bound: ReadonlySet<string>, names: Set<string>): void {
  const { type } = node;
  if (type === 'MetaProperty' || (type.startsWith('TS') && !VALUES_WITH_TYPES.has(type))) return;
  const isFree = (value: unknown): value is Node =>
    isNode(value) && value.type === 'Identifier' && !bound.has(String(value.name));
  if (isFree(node)) names.add(String(node.name));
  const { object, property } = node;
  if (type === 'MemberExpression' && !node.computed && isFree(object) && isNode(property)) {
    names.add(`${object.name}.${property.name}`);
    return;
  }
  const bindings = listBindings(node);
  const inner = bindings.length > 0 ? new Set([...bound, ...bindings]) : bound;
  for (const [key, value] of Object.entries(node)) {
    if (NAME_KEYS[type] === key && !node.computed) continue;
    for (const child of nodesIn(value)) collectFreeNames(child, inner, names);
  }
}

/** Lists the names that a node declares for the code inside it. `var` is not hoisted, because the linter forbids it. */
function listBindings(node: Node): string[] {
  const declared = (value: unknown) => nodesIn(value).flatMap(listDeclared);
  if (isFunction(node)) return [...namesIn(node.id), ...nodesIn(node.params).flatMap(namesIn)];
  if (node.type === 'ClassExpression') return namesIn(node.id);
  if (node.type === 'CatchClause') return namesIn(node.param);
  if (node.type === 'SwitchStatement') return nodesIn(node.cases).flatMap(({ consequent }) => declared(consequent));
  if (node.type.startsWith('For')) return [...declared(node.init), ...declared(node.left)];
  return node.type === 'BlockStatement' || node.type === 'StaticBlock' ? declared(node.body) : [];
}

function listDeclared(statement: Node): string[] {
  if (statement.type !== 'VariableDeclaration') return isCode(statement) ? namesIn(statement.id) : [];
  return nodesIn(statement.declarations).flatMap(({ id }) => namesIn(id));
}

/** Lists the names that a pattern binds. */
function namesIn(pattern: unknown): string[] {
  if (!isNode(pattern)) return [];
  if (pattern.type === 'Identifier') return [String(pattern.name)];
  const { properties, elements, value, left, argument } = pattern;
  return [properties, elements, value, left, argument].flatMap(nodesIn).flatMap(namesIn);
}
