/**
 * Are the cases of the alerts worth anything? Changes one thing in a rule at a time and counts the mutants that no case tells from
 * their rule. `make mutation-rules` runs it; `node test/rules/run-mutants.ts DispatchStopped` tries one alert.
 */
import { availableParallelism } from 'node:os';
import { equivalentMutants } from './equivalent-mutants.ts';
import { findSurvivors, listMutants, mutatedAlerts } from './find-survivors.ts';
import { type Mutant, mutationKinds } from './mutate-promql.ts';
import { openPromtool, type Promtool } from './promtool.ts';

/** A run of promtool takes so many mutants. */
const BATCH = 20;

async function findAllSurvivors(mutants: readonly Mutant[], promtool: Promtool): Promise<Mutant[]> {
  const waiting = Array.from({ length: Math.ceil(mutants.length / BATCH) }, (_, batch) =>
    mutants.slice(batch * BATCH, (batch + 1) * BATCH),
  );
  const survivors: Mutant[] = [];
  const work = async () => {
    for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
      survivors.push(...(await findSurvivors(batch, promtool)));
      console.error(`${waiting.length} runs of promtool to go`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return survivors;
}

function report(mutants: readonly Mutant[], survivors: readonly Mutant[]): void {
  for (const { name } of survivors) console.log(`  survives: ${name}`);
  for (const kind of mutationKinds) {
    const of = (some: readonly Mutant[]) => some.filter((mutant) => mutant.kind === kind).length;
    console.log(`  ${kind}: ${of(mutants) - of(survivors)} of ${of(mutants)} killed`);
  }
  const equivalent = Object.keys(equivalentMutants).length;
  console.log(
    `${mutants.length - survivors.length} of ${mutants.length} mutants of the alerts killed; ${equivalent} more are no change`,
  );
}

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !mutatedAlerts.includes(name));
  if (unknown) {
    console.error(`there is no alert ${unknown}: there are ${mutatedAlerts.join(', ')}`);
    return 2;
  }
  const mutants = listMutants(names.length > 0 ? names : mutatedAlerts);
  const promtool = await openPromtool('mutants');
  try {
    const survivors = await findAllSurvivors(mutants, promtool);
    report(mutants, survivors);
    return survivors.length > 0 ? 1 : 0;
  } finally {
    promtool.remove();
  }
}

process.exitCode = await main(process.argv.slice(2));
