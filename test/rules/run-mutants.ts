/**
 * Measures whether the cases of alerts and objectives find errors in rules. It changes one thing in a rule at a time, which makes a
 * mutant, and prints the mutants that no case notices. `make mutation-rules` tries all rules; `node test/rules/run-mutants.ts DispatchStopped objective:` tries only rules
 * whose names begin with one of the arguments.
 */
import { availableParallelism } from 'node:os';
import { equivalentMutants } from './equivalent-mutants.ts';
import { findSurvivors, listMutants, type Mutant } from './find-survivors.ts';
import { mutationKinds } from './mutate-promql.ts';
import { openPromtool, type Promtool } from './promtool.ts';
import { subjects } from './subjects.ts';

/** Number of mutants in one run of promtool. */
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
    `${mutants.length - survivors.length} of ${mutants.length} mutants of the rules killed; ${equivalent} more mean the same as their rule`,
  );
}

async function main(beginnings: readonly string[]): Promise<number> {
  const unknown = beginnings.find((beginning) => !subjects.some(({ name }) => name.startsWith(beginning)));
  if (unknown !== undefined) {
    console.error(`no rule begins with ${unknown}; the rules are ${subjects.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const chosen = subjects.filter(({ name }) => beginnings.some((beginning) => name.startsWith(beginning)));
  const mutants = listMutants(beginnings.length > 0 ? chosen : subjects);
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
