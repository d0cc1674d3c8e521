import { withFileLock } from '../../provision/file-lock.ts';
import { buildConsoleReport } from '../../provision/step-log.ts';
import { type StackConsole, startConsole } from '../console.ts';
import { isProcess, listEntries } from '../entries/list-entries.ts';
import type { StackEntry } from '../entries/stack-entry.ts';
import { openStackToStart, StackError } from '../open-stack.ts';
import { needFreePorts } from '../processes/check-ports.ts';
import { isRunning, listProcesses } from '../processes/process-table.ts';
import { NeedsFailed, runGraph } from '../processes/run-graph.ts';
import { startEntry } from '../processes/start-entry.ts';
import type { StackContext } from '../stack-context.ts';
import type { StatePaths } from '../state.ts';
import { describeStack } from './summary.ts';
import { waitForPlatform } from './wait-for-platform.ts';

/** Starts every process of the stack that does not run, and waits until the platform is Ready. Safe to repeat. */
export async function startStack(paths: StatePaths): Promise<void> {
  const console = startConsole();
  const onWait = () => console.line('waiting for another command that works on this stack');
  await withFileLock(paths.lock, onWait, async () => {
    const context = openStackToStart(paths, buildConsoleReport());
    const entries = listEntries(context);
    await needFreePorts(context.settings.ports, listNeededPorts(context, entries));
    const failures = await runGraph(entries, (entry) => startOne(entry, context, console));
    if (failures.size > 0) throw new StackError(describeFailures(failures));
    await waitForPlatform(context, console);
    console.line();
    console.line(describeStack(context, console.seconds()));
  });
}

async function startOne(entry: StackEntry, context: StackContext, console: StackConsole): Promise<void> {
  if (isProcess(entry)) await startEntry(entry, { ...context, console });
  else console.step(entry.name, (await entry.work?.()) ?? '');
}

/** Lists the ports of processes that do not run yet. Running processes already use their ports. */
function listNeededPorts({ paths }: StackContext, entries: readonly StackEntry[]) {
  const running = new Set(
    listProcesses(paths.processes)
      .filter(isRunning)
      .map(({ name }) => name),
  );
  return entries.filter(({ name }) => !running.has(name)).flatMap((entry) => entry.process?.ports ?? []);
}

function describeFailures(failures: ReadonlyMap<string, unknown>): string {
  const lines = [...failures].map(([name, error]) => {
    const text = error instanceof Error ? error.message : String(error);
    return error instanceof NeedsFailed ? `  ${name} was not started, because it ${text}` : `  ${name}: ${text}`;
  });
  const remedy = 'the other processes keep running: make up tries these again, make down stops everything';
  return `some processes could not be started:\n${lines.join('\n')}\n${remedy}`;
}
