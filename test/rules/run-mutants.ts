/**
 * Are the cases of the alerts worth anything? Changes one thing in a rule at a time and counts the mutants that no case tells from
 * their rule. `make mutation-rules` runs it; `node test/rules/run-mutants.ts DispatchStopped` tries one alert.
 */
import { availableParallelism } from 'node:os';
import { type AlertName, alertNames } from '#catalogue/alerts.ts';
import { alertCases } from './alert-cases.ts';
import { type Mutant, mutateRule, mutationKinds } from './mutate-promql.ts';
import { buildPlatformTest, rulesOfAlert } from './platform-rules.ts';
import { openPromtool, type Promtool } from './promtool.ts';

/** Share of all mutants that must be killed. Raise it, never lower it. */
const LEAST_KILLED = 0.88;
/** A run of promtool takes so many mutants, so that its start does not count. */
const BATCH = 20;

/** Of the rules that each service has, the first stands for all: they come from one recipe. */
function listMutants(alerts: readonly AlertName[]): Mutant[] {
  return alerts.flatMap((alert) => rulesOfAlert(alert).slice(0, 1).flatMap(mutateRule));
}

/** The mutants that no case tells from their rule. */
async function findSurvivors(mutants: readonly Mutant[], promtool: Promtool): Promise<Mutant[]> {
  const files = Object.fromEntries(
    mutants.flatMap(({ rule }, index) => {
      const rules = [rule, ...rulesOfAlert(rule.alert as AlertName).slice(1)];
      const tests = alertCases.filter(({ alert }) => alert === rule.alert).map(buildPlatformTest);
      const test = { rule_files: [`rules-${index}.yaml`], evaluation_interval: '15s', tests };
      return [
        [`rules-${index}.yaml`, { groups: [{ name: 'mutant', rules }] }],
        [`mutant-${index}.yaml`, test],
      ];
    }),
  );
  const { output } = await promtool.run(['test', 'rules', ...mutants.map((_, index) => `mutant-${index}.yaml`)], files);
  const verdicts = output.split('Unit Testing:').slice(1);
  if (verdicts.length !== mutants.length) throw new Error(`promtool gave no verdict:\n${output.slice(0, 2_000)}`);
  return mutants.filter((_, index) => verdicts[index]?.includes('SUCCESS'));
}

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
  console.log(`${mutants.length - survivors.length} of ${mutants.length} mutants of the alerts killed`);
}

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !(alertNames as readonly string[]).includes(name));
  if (unknown) {
    console.error(`there is no alert ${unknown}: there are ${alertNames.join(', ')}`);
    return 2;
  }
  const mutants = listMutants(names.length > 0 ? (names as AlertName[]) : alertNames);
  const promtool = await openPromtool('mutants');
  try {
    const survivors = await findAllSurvivors(mutants, promtool);
    report(mutants, survivors);
    return survivors.length > mutants.length * (1 - LEAST_KILLED) ? 1 : 0;
  } finally {
    promtool.remove();
  }
}

process.exitCode = await main(process.argv.slice(2));
