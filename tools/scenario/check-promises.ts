/**
 * Checks the figures of objectives in the status of declared pipelines: each must have all figures, and the figures must agree
 * with each other.
 */
import { resources } from '#controller/api/kube-object.ts';
import type { TradingPipeline } from '#controller/api/trading-pipeline.ts';
import type { StackUnderTest } from '../observe/stack-under-test.ts';

/** Percentage points by which rounded figures of the status may disagree. */
const ROUNDING = 0.2;

type Promised = NonNullable<NonNullable<TradingPipeline['status']>['objectives']>[number];

/** Returns a sentence for each problem, and passes the figures to `say`. */
export async function checkPromises(stack: StackUnderTest, say: (text: string) => void): Promise<string[]> {
  const client = stack.kube();
  const { items } = await client.list<TradingPipeline>(resources.tradingPipeline);
  client.close();
  const promised = items
    .filter(({ spec }) => 'pipeline' in (spec as object))
    .flatMap(({ metadata, status }) =>
      (status?.objectives ?? []).map((objective) => ({ ...objective, of: metadata.name })),
    );
  for (const { of, name, target, current, budgetRemaining, burnRate } of promised)
    say(`${of}: ${name} ${current} % of ${target} %, budget left ${budgetRemaining} %, burn rate ${burnRate}`);
  if (promised.length === 0) return ['no declared pipeline has an objective in its status'];
  return promised.flatMap((one) =>
    isKept(one) ? [] : `${one.of}: the figures of ${one.name} are missing or disagree`,
  );
}

function isKept({ target, current, budgetRemaining, burnRate }: Promised): boolean {
  if (current === undefined || budgetRemaining === undefined || burnRate === undefined) return false;
  const left = 100 * (1 - (100 - current) / (100 - target));
  return current >= 0 && current <= 100 && Math.abs(left - budgetRemaining) <= ROUNDING;
}
