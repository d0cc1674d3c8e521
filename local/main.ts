/** The entry of the local stack: the whole platform on one machine, on real servers, without a cluster. The Makefile calls this program. */
import http from 'node:http';
import { Command, Option } from 'commander';
import { ProvisionError } from './provision/provision.ts';
import { PROVISION_KINDS, provisionParts } from './provision-parts.ts';
import { LaunchError } from './servers/launch.ts';
import { cleanStack, stopStack } from './stack/commands/down.ts';
import { showLog } from './stack/commands/logs.ts';
import { startOneProcess, stopOneProcess } from './stack/commands/one-process.ts';
import { showStatus } from './stack/commands/status.ts';
import { startStack } from './stack/commands/up.ts';
import { StackError } from './stack/open-stack.ts';
import { PortError, portNames, portTable, portVariable } from './stack/ports.ts';
import { PortsTaken } from './stack/processes/check-ports.ts';
import { type StatePaths, statePaths } from './stack/state.ts';

const INTERRUPTED = 130;

const variables = `
Environment:
${portNames.map((name) => `  ${portVariable(name).padEnd(32)} ${portTable[name].use} (${portTable[name].default})`).join('\n')}
  ${'PORT_OFFSET'.padEnd(32)} added to the default of every port that has no variable of its own
  ${'TRADING_PLATFORM_STATE'.padEnd(32)} folder of the stack's data and logs (.local in the repository)
  ${'TRADING_PLATFORM_CACHE'.padEnd(32)} cache of the parts (/var/cache/trading-platform as root, else ~/.cache/trading-platform)
  ${'ALERTMANAGER_CONFIG'.padEnd(32)} configuration file for Alertmanager (local/config/alertmanager.yaml)
  ${'REPLAY_…, MOCK_…, MARKET_HOURS, OTEL_…'.padEnd(32)} passed on to the services unchanged`;

function buildProgram(): Command {
  const paths = statePaths();
  const program = new Command('local').description(
    'Run the platform on this machine, on real servers, without a cluster.',
  );
  program.showHelpAfterError().addHelpText('after', variables);
  addStackCommands(program, paths);
  addProcessCommands(program, paths);
  program
    .command('provision')
    .description('get the parts and print the path of each; start nothing')
    .argument('[part...]', 'names of parts; all if none is named')
    .addOption(
      new Option('--from <kind>', 'use only this source, even if the part is there already').choices(PROVISION_KINDS),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  node local/main.ts provision\n  node local/main.ts provision java --from pypi',
    )
    .action((names: string[], options) => provisionParts(names, options));
  return program;
}

function addStackCommands(program: Command, paths: StatePaths): void {
  program
    .command('up')
    .description('get the parts, start every process that does not run, and wait until the platform is Ready')
    .addHelpText('after', '\nExamples:\n  node local/main.ts up\n  PORT_OFFSET=1000 node local/main.ts up')
    .action(() => startStack(paths));
  program
    .command('down')
    .description('stop every process; keep the data')
    .action(() => stopStack(paths));
  program
    .command('clean')
    .description('stop every process and remove the data')
    .action(() => cleanStack(paths));
  program
    .command('status')
    .description('show each process with its address and log; exit code 1 if not everything is ready')
    .action(async () => {
      if (!(await showStatus(paths))) process.exitCode = 1;
    });
}

function addProcessCommands(program: Command, paths: StatePaths): void {
  program
    .command('logs')
    .description("show the end of one process's log")
    .argument('<name>', 'name of the process, as status prints it: backend')
    .option('-f, --follow', 'keep printing new lines', false)
    .option('-n, --lines <count>', 'number of lines', Number, 100)
    .action(async (name: string, options: { follow: boolean; lines: number }) => {
      process.exitCode = await showLog(paths, name, options);
    });
  program
    .command('start')
    .description('start one process of a stack that was started before')
    .argument('<name>')
    .action((name: string) => startOneProcess(paths, name));
  program
    .command('stop')
    .description('stop one process; the others keep running')
    .argument('<name>')
    .action((name: string) => stopOneProcess(paths, name));
}

/** Whether the user can fix the cause of the error. Any other error is a defect and keeps its stack trace. */
function isExpected(error: unknown): error is Error {
  return [StackError, PortError, PortsTaken, ProvisionError, LaunchError].some((kind) => error instanceof kind);
}

// Use the proxy that the environment sets, but never for this machine. `setGlobalProxyFromEnv` exists since Node 24.14
const noProxy = [process.env.NO_PROXY ?? process.env.no_proxy, '127.0.0.1', 'localhost'].filter(Boolean).join(',');
http.setGlobalProxyFromEnv?.({ ...process.env, no_proxy: noProxy, NO_PROXY: noProxy });

// If this program runs as root, make the cache readable for other users, because Postgres runs as another user. Files
// with secrets get a stricter mode where they are written
if (process.getuid?.() === 0) process.umask(0o022);

// A reader such as `head` may close the pipe early; that is no error
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.once('SIGINT', () => {
  console.error('\ninterrupted: run make down to stop the processes that were started');
  process.exit(INTERRUPTED);
});
try {
  await buildProgram().parseAsync();
} catch (error) {
  if (!isExpected(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
