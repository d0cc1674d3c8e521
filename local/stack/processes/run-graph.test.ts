import { describe, expect, it } from 'vitest';
import { NeedsFailed, reverseGraph, runGraph } from './run-graph.ts';

const nodes = [
  { name: 'api', needs: ['etcd'] },
  { name: 'etcd', needs: [] },
  { name: 'controller', needs: ['api'] },
  { name: 'redis', needs: [] },
];

describe('runGraph', () => {
  it('runs each node once, after the nodes that it needs', async () => {
    const ran: string[] = [];
    const failures = await runGraph(nodes, async ({ name }) => {
      await new Promise((resolve) => setTimeout(resolve, name === 'etcd' ? 10 : 0));
      ran.push(name);
    });
    expect(failures.size).toBe(0);
    expect(ran).toEqual(['redis', 'etcd', 'api', 'controller']);
  });

  it('skips nodes that need a failed one, and runs the others', async () => {
    const ran: string[] = [];
    const failures = await runGraph(nodes, async ({ name }) => {
      if (name === 'api') throw new Error('broken');
      ran.push(name);
    });
    expect(ran.sort()).toEqual(['etcd', 'redis']);
    expect([...failures.keys()]).toEqual(['api', 'controller']);
    expect(failures.get('controller')).toBeInstanceOf(NeedsFailed);
  });

  it('counts a need that is not among the nodes as done', async () => {
    expect((await runGraph([{ name: 'a', needs: ['gone'] }], async () => {})).size).toBe(0);
  });
});

it('reverseGraph makes each node need the nodes that needed it', () => {
  const reversed = new Map(reverseGraph(nodes).map(({ name, needs }) => [name, needs]));
  expect(reversed.get('etcd')).toEqual(['api']);
  expect(reversed.get('controller')).toEqual([]);
});
