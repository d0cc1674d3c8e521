/** A node of a dependency graph: its name, and the names of the nodes that must run before it. */
export interface GraphNode {
  readonly name: string;
  readonly needs: readonly string[];
}

/** Thrown for a node that could not run because a node that it needs failed or could not run either. */
export class NeedsFailed extends Error {}

/**
 * Runs every node as soon as the nodes that it needs have run. After a failure, only the nodes that depend on the
 * failed node do not run. Returns the errors, keyed by node name. A needed node that is not among `nodes` counts as
 * done.
 */
export async function runGraph<Node extends GraphNode>(
  nodes: readonly Node[],
  run: (node: Node) => Promise<void>,
): Promise<Map<string, unknown>> {
  const failures = new Map<string, unknown>();
  const started = new Map<string, Promise<void>>();
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const start = (node: Node): Promise<void> => {
    const running = started.get(node.name);
    if (running) return running;
    const own = runAfterNeeds(node);
    started.set(node.name, own);
    return own;
  };
  const runAfterNeeds = async (node: Node): Promise<void> => {
    await Promise.all(node.needs.flatMap((name) => byName.get(name) ?? []).map(start));
    const failed = node.needs.find((name) => failures.has(name));
    try {
      if (failed) throw new NeedsFailed(`needs ${failed}`);
      await run(node);
    } catch (error) {
      failures.set(node.name, error);
    }
  };
  await Promise.all(nodes.map(start));
  return failures;
}

/** Reverses the graph: each node then needs the nodes that needed it. Pure. */
export function reverseGraph<Node extends GraphNode>(nodes: readonly Node[]): (Node & GraphNode)[] {
  return nodes.map((node) => ({
    ...node,
    needs: nodes.filter(({ needs }) => needs.includes(node.name)).map(({ name }) => name),
  }));
}
