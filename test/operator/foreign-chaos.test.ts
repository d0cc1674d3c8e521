import { expect, it } from 'vitest';
import { generatedResources, type KubeObject } from '#controller/api/kube-object.ts';
import { findDifferences } from '#controller/reconcile/plan/differences.ts';
import { changeAtRandom, listGenerated, seededRandom } from './foreign-chaos.ts';
import { condition, settled, until } from './operator-under-test.ts';
import { useOperator } from './use-operator.ts';

/** `FOREIGN_CHANGES=200 SEED=7` runs more changes, or others. */
const changes = Number(process.env.FOREIGN_CHANGES ?? 30);
const seed = Number(process.env.SEED ?? 4);
/** Ten seconds, as promised to users. */
const WITHIN_MS = 10_000;

const cluster = useOperator();

it(`after ${changes} changes of other field managers, each object is as before, or a condition names object, field and manager`, async () => {
  const { admin, namespace } = cluster;
  const services = [{ name: 'backend' }, { name: 'celery-worker' }];
  await cluster.apply('desk', {
    services,
    alerts: {},
    objectives: [{ name: 'publish-success' }],
    dashboards: { include: ['overview'] },
  });
  await cluster.settled('desk');
  const before = await listGenerated(admin, namespace, 'desk');
  expect(before).toHaveLength(4);
  const objects = before.map(({ kind, metadata }) => ({
    resource: generatedResources.find((one) => one.kind === kind)!,
    name: metadata.name,
  }));

  const accepted = await changeAtRandom({ admin, namespace, objects, changes, random: seededRandom(seed) });
  expect(accepted).toBe(changes);

  const unexplained = async () => {
    const pipeline = await settled(admin, namespace, 'desk');
    const { message = '' } = condition(pipeline, 'ForeignFields') ?? {};
    const now = await Promise.all(objects.map(({ resource, name }) => cluster.find(resource, name)));
    return before.flatMap((wanted, index) => explain(wanted, now[index], message));
  };
  let last: string[] = [];
  const startedAt = performance.now();
  await until(WITHIN_MS, 'each difference is gone or named', async () => {
    last = await unexplained();
    return last.length === 0;
  }).catch(() => expect(last).toEqual([]));
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.info(`${accepted} changes, ${cluster.operator.repaired.length} repairs, all explained after ${seconds} s`);
  // A repair puts right all changes since the last one, so there are fewer repairs than changes
  expect(cluster.operator.repaired.length).toBeLessThanOrEqual(accepted);
});

/** Returns the differences that the message of the condition does not name. */
function explain({ kind, metadata, ...rest }: KubeObject, now: KubeObject | undefined, message: string): string[] {
  const { labels, annotations, ownerReferences, name } = metadata;
  const wanted = { kind, metadata: { name, labels, annotations, ownerReferences }, ...rest } as KubeObject;
  const differences = now ? findDifferences(wanted, now) : [{ path: '', kind: 'deleted', manager: '' }];
  const named = new RegExp(`${kind} ${name}: [^;]*`).exec(message)?.[0] ?? '';
  const unnamed = differences.filter(({ path, manager = 'an unknown manager' }) => {
    return named === '' || !named.includes(path) || !named.includes(manager);
  });
  // The condition names five fields of each object, and counts the others
  const hasMore = /\d more($|\. The controller)/.test(named);
  return hasMore ? [] : unnamed.map(({ path, kind: how }) => `${kind} ${name}: ${path} ${how}`);
}
