import { services } from '#catalogue/services.ts';
import type { KubeObject } from '#controller/api/kube-object.ts';
import { resources } from '#controller/api/resources.ts';
import type { StackUnderTest } from '../observe/stack-under-test.ts';
import type { Heal } from './heal.ts';

/** The resource of examples/platform. */
export const platform = { namespace: 'trading-platform', name: 'platform' };

/** A second resource that claims the services of the first: it gets none of them, and says so. */
export async function claimTwice(stack: StackUnderTest): Promise<Heal> {
  const client = stack.kube();
  const { apiVersion, kind } = resources.tradingPipeline;
  const metadata = { ...platform, name: 'rival' };
  const spec = { services: Object.keys(services).map((name) => ({ name })) };
  const rival: KubeObject = { apiVersion, kind, metadata, spec };
  await client.apply(resources.tradingPipeline, rival);
  return async () => {
    await client.delete(resources.tradingPipeline, metadata);
    client.close();
  };
}
