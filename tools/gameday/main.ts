/**
 * `make gameday`: causes a real fault for each alert on the stack of `make up`, heals it, and prints when the alert
 * fired and ended, and which other alerts fired. Exit code 1 if an alert did not fire, did not end, or was a false
 * alarm.
 */
import { Command, InvalidArgumentError } from 'commander';
import { stackOf } from '../observe/stack-under-test.ts';
import type { Drill } from './drill.ts';
import { drills } from './drills.ts';
import { isGood, renderResult } from './render-result.ts';
import { runDrills } from './run-drills.ts';
import { describeShortening, resyncOften, shortenRules } from './shorten-rules.ts';

const INTERRUPTED = 130;
const started = performance.now();
const say = (text: string) =>
  console.error(`[${((performance.now() - started) / 1_000).toFixed(0).padStart(4)} s] ${text}`);

const program = new Command('gameday')
  .description(
    'Causes a real fault for each alert on the running stack, and reports which alerts fired and which should not have.',
  )
  .option('--only <drills>', 'names of drills or alerts, separated by commas; by default all', parseNames)
  .option('--list', 'list the drills, and do nothing')
  .addHelpText(
    'after',
    `\nDrills:\n${drills.map(describeDrill).join('\n')}\n\nThe drills trade, and lose money of the stack's portfolio: do not run them on a stack whose data you need.`,
  )
  .action(run);
await program.parseAsync();

async function run({ only = drills, list }: { only?: readonly Drill[]; list?: boolean }): Promise<void> {
  if (list) return console.log(only.map(describeDrill).join('\n'));
  const stack = stackOf(process.env);
  const { code, output } = await stack.run('status');
  if (code !== 0) throw new Error(`the stack is not running and ready: run make up first\n${output}`);
  const interruption = new AbortController();
  process.once('SIGINT', () => {
    say('interrupted: healing the faults');
    interruption.abort();
  });
  say('shortening the rules');
  const restore = await shortenRules(stack);
  try {
    const day = { stack: stack.withEnvironment(resyncOften), id: Date.now().toString(36) };
    const result = await runDrills(only, { day, say, interrupted: interruption.signal });
    console.log(renderResult(result, describeShortening));
    process.exitCode = isGood(result) ? 0 : 1;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    process.exitCode = INTERRUPTED;
  } finally {
    await restore();
    say('the rules are restored');
  }
}

function describeDrill({ name, fault, provokes }: Drill): string {
  return `  ${name.padEnd(18)} ${provokes.join(', ')}\n${''.padEnd(21)}${fault}`;
}

function parseNames(text: string): Drill[] {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !drills.some((drill) => isCalled(drill, name)));
  if (wrong !== undefined) throw new InvalidArgumentError(`there is no drill or alert ${wrong}; --list shows all.`);
  return drills.filter((drill) => names.some((name) => isCalled(drill, name)));
}

function isCalled({ name, provokes }: Drill, wanted: string): boolean {
  return name === wanted || provokes.some((alert) => alert === wanted);
}
