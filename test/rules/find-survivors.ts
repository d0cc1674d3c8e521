/** Lists the mutants of the rules, and finds the mutants that no trial notices. */
import { equivalentMutants } from './equivalent-mutants.ts';
import { type Mutation, mutateRule } from './mutate-promql.ts';
import type { Promtool } from './promtool.ts';
import { type Subject, subjects } from './subjects.ts';
import { buildTrialFiles, replaceRule } from './trial.ts';

export interface Mutant extends Mutation {
  readonly name: string;
  readonly subject: Subject;
}

/** Lists all mutants except the equivalent ones, which mean the same as their rule. */
export function listMutants(
  of: readonly Subject[] = subjects,
  equivalent: Readonly<Record<string, string>> = equivalentMutants,
): Mutant[] {
  return of
    .flatMap((subject) =>
      mutateOwn(subject).map((mutation) => ({ ...mutation, subject, name: `${subject.name}: ${mutation.what}` })),
    )
    .filter(({ name }) => !Object.hasOwn(equivalent, name));
}

function mutateOwn({ rule, elder }: Subject): Mutation[] {
  const tried = elder ? mutateRule(elder).map(({ piece }) => piece) : [];
  return mutateRule(rule).filter(({ piece }) => !tried.includes(piece));
}

/** Runs the trials of all mutants, and returns the mutants that survived every trial. A mutant that a trial kills is not tried again. */
export async function findSurvivors(mutants: readonly Mutant[], promtool: Promtool): Promise<readonly Mutant[]> {
  const most = Math.max(...mutants.map(({ subject }) => subject.trials.length));
  let survivors = mutants;
  for (let turn = 0; turn < most && survivors.length > 0; turn += 1)
    survivors = await surviveTrial(survivors, turn, promtool);
  return survivors;
}

/**
 * Runs one trial of each mutant, the one with index `turn`. One run of promtool does this for all mutants, because
 * promtool takes long to start. Returns the mutants that survive.
 */
async function surviveTrial(mutants: readonly Mutant[], turn: number, promtool: Promtool): Promise<readonly Mutant[]> {
  const files = mutants.map(({ subject, rule }, index) => {
    const trial = subject.trials[turn];
    return trial ? buildTrialFiles(`mutant-${index}`, replaceRule(trial, subject.rule, rule)) : {};
  });
  const tried = files.flatMap((one) => Object.keys(one).slice(0, 1));
  if (tried.length === 0) return mutants;
  const { output } = await promtool.run(['test', 'rules', ...tried], Object.assign({}, ...files));
  const verdicts = output.split('Unit Testing:').slice(1);
  if (verdicts.length !== tried.length) throw new Error(`promtool gave no verdict:\n${output.slice(0, 2_000)}`);
  const killed = new Set(tried.filter((_, index) => !verdicts[index]?.includes('SUCCESS')));
  return mutants.filter((_, index) => !killed.has(`mutant-${index}.yaml`));
}
