import { describe, expect, it } from 'vitest';
import { NeedsFailed, reverseGraph, runGraph } from './run-graph.ts';

const nodes = [
  { name: 'api', needs: ['etcd'] },
  { name: 'etcd', needs: [] },
  { name: 'controller', needs: ['api'] },
  { name: 'redis', needs: [] },
];

describe('runGraph', () => {
  it('runs each once, after those it needs', async () => {
    const ran: string[] = [];
    const failures = await runGraph(nodes, async ({ name }) => {
      await new Promise((resolve) => setTimeout(resolve, name === 'etcd' ? 10 : 0));
      ran.push(name);
    });
    expect(failures.size).toBe(0);
    expect(ran).toEqual(['redis', 'etcd', 'api', 'controller']);
  });

  it('leaves out what needs a failed one, and runs the rest', async () => {
    const ran: string[] = [];
    const failures = await runGraph(nodes, async ({ name }) => {
      if (name === 'api') throw new Error('broken');
      ran.push(name);
    });
    expect(ran.sort()).toEqual(['etcd', 'redis']);
    expect([...failures.keys()]).toEqual(['api', 'controller']);
    expect(failures.get('controller')).toBeInstanceOf(NeedsFailed);
  });

  it('takes a need that is not there as done', async () => {
    expect((await runGraph([{ name: 'a', needs: ['gone'] }], async () => {})).size).toBe(0);
  });
});

it('reverseGraph puts those that need a node before it', () => {
  const reversed = new Map(reverseGraph(nodes).map(({ name, needs }) => [name, needs]));
  expect(reversed.get('etcd')).toEqual(['api']);
  expect(reversed.get('controller')).toEqual([]);
});
