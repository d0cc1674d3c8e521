import { resources } from '#controller/api/resources.ts';
import type { StackUnderTest } from '../observe/stack-under-test.ts';
import { addDeadWebhook } from './admission-webhook.ts';
import type { Heal } from './heal.ts';
import { platform } from './rival-resource.ts';

/** Deletes a generated rule, of the pipeline of the examples, that an admission webhook does not let the operator make again. */
export async function refuseRule(stack: StackUnderTest): Promise<Heal> {
  const client = stack.kube();
  const heal = await addDeadWebhook(stack, { failurePolicy: 'Fail', timeoutSeconds: 1 });
  await client.delete(resources.prometheusRule, { ...platform, name: 'euro-trend' });
  client.close();
  return heal;
}
