/** The platform on a laptop: every process, on real parts, without a cluster. `make up` and its like call this. */
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
  ${'PORT_OFFSET'.padEnd(32)} added to every port that has no variable of its own
  ${'TRADING_PLATFORM_STATE'.padEnd(32)} folder of the stack's data and logs (.local of the repository)
  ${'TRADING_PLATFORM_CACHE'.padEnd(32)} folder of the parts (/var/cache/trading-platform as root, else ~/.cache/trading-platform)
  ${'ALERTMANAGER_CONFIG'.padEnd(32)} a configuration of your own for Alertmanager (local/config/alertmanager.yaml)
  ${'REPLAY_…, MARKET_HOURS, OTEL_…'.padEnd(32)} reach the services as they are`;

function buildProgram(): Command {
  const paths = statePaths();
  const program = new Command('local').description('The platform on this machine, on real parts, without a cluster.');
  program.showHelpAfterError().addHelpText('after', variables);
  addStackCommands(program, paths);
  addProcessCommands(program, paths);
  program
    .command('provision')
    .description('get the parts and start nothing; says where each is')
    .argument('[part...]', 'all when none is named')
    .addOption(new Option('--from <kind>', 'only this way, even when it is there already').choices(PROVISION_KINDS))
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
    .description('get the parts, start whatever does not run, wait until the platform is Ready')
    .addHelpText('after', '\nExamples:\n  node local/main.ts up\n  PORT_OFFSET=1000 node local/main.ts up')
    .action(() => startStack(paths));
  program
    .command('down')
    .description('end every process; the data stays')
    .action(() => stopStack(paths));
  program
    .command('clean')
    .description('end every process and remove the data')
    .action(() => cleanStack(paths));
  program
    .command('status')
    .description('what runs, where, and where its log is; exit code 1 when something does not')
    .action(async () => {
      if (!(await showStatus(paths))) process.exitCode = 1;
    });
}

function addProcessCommands(program: Command, paths: StatePaths): void {
  program
    .command('logs')
    .description("the end of one process's log")
    .argument('<name>', 'as status names it: backend')
    .option('-f, --follow', 'and what comes', false)
    .option('-n, --lines <count>', 'how many lines', Number, 100)
    .action(async (name: string, options: { follow: boolean; lines: number }) => {
      process.exitCode = await showLog(paths, name, options);
    });
  program
    .command('start')
    .description('start one process of a stack that has been up')
    .argument('<name>')
    .action((name: string) => startOneProcess(paths, name));
  program
    .command('stop')
    .description('end one process; the others stay')
    .argument('<name>')
    .action((name: string) => stopOneProcess(paths, name));
}

/** What a user can do something about; anything else is a defect and keeps its stack trace. */
function isExpected(error: unknown): error is Error {
  return [StackError, PortError, PortsTaken, ProvisionError, LaunchError].some((kind) => error instanceof kind);
}

// a corporate proxy is for the world outside; what runs here is reached without it. Node has this since 24.14
const noProxy = [process.env.NO_PROXY ?? process.env.no_proxy, '127.0.0.1', 'localhost'].filter(Boolean).join(',');
http.setGlobalProxyFromEnv?.({ ...process.env, no_proxy: noProxy, NO_PROXY: noProxy });

// as root, others must be able to read the cache: Postgres runs as another user. What is secret has a mode of its own
if (process.getuid?.() === 0) process.umask(0o022);

// `… | head` has read enough
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.once('SIGINT', () => {
  console.error('\ninterrupted: make down ends what has been started');
  process.exit(INTERRUPTED);
});
try {
  await buildProgram().parseAsync();
} catch (error) {
  if (!isExpected(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
