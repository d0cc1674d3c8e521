/** The commands, their options, their help. What each does is in commands/. */
import { Argument, Command, Option } from 'commander';
import type { CommandIo } from './command-io.ts';
import { type BacktestOptions, handleBacktest } from './commands/backtest.ts';
import { handleCompletion } from './commands/completion.ts';
import { type DiffOptions, handleDiff } from './commands/diff.ts';
import { type DoctorOptions, handleDoctor } from './commands/doctor.ts';
import { type ExplainOptions, handleExplain } from './commands/explain.ts';
import { handleRender, type RenderOptions } from './commands/render.ts';
import { handleValidate, type ValidateOptions } from './commands/validate.ts';
import { shells } from './completion/build-completion.ts';
import { DEFAULT_MEMORY_LIMITS } from './doctor/check-memory.ts';
import type { ExitCode } from './exit-codes.ts';
import { explainedAlerts } from './explain-alert.ts';
import * as options from './options.ts';

export const PROGRAM = 'tradingpipeline';
const DEFAULT_NAMESPACE = 'default';
const fileArgument = () => new Argument('<file...>', 'YAML or JSON, several documents; - for standard input');
const forNameless = 'of resources that name none';

/** `end` is told the exit code of the command that ran. */
export function buildProgram(io: CommandIo, end: (code: ExitCode) => void): Command {
  const program = new Command(PROGRAM)
    .description(
      'TradingPipelines at the command line: what they become, what is wrong with them, and why nothing shows.',
    )
    .showHelpAfterError(`(${PROGRAM} --help says more)`)
    .helpCommand(false)
    .addHelpText('after', helpAfter(['validate examples/platform/platform.yaml', 'doctor -n trading-platform']));
  addRender(program, io, end);
  addValidate(program, io, end);
  addDiff(program, io, end);
  addExplain(program, io, end);
  addDoctor(program, io, end);
  addBacktest(program, io, end);
  addCompletion(program, io, end);
  return program;
}

type AddCommand = (program: Command, io: CommandIo, end: (code: ExitCode) => void) => void;

const addRender: AddCommand = (program, io, end) => {
  program
    .command('render')
    .summary('print the objects that the controller would apply')
    .description('Print exactly the objects that the controller would apply for these files. Needs no cluster.')
    .addArgument(fileArgument())
    .addOption(options.namespaceOption(forNameless).default(DEFAULT_NAMESPACE))
    .addOption(options.outputOption().default('yaml'))
    .option('--uid <uid>', 'of the resource in the cluster: without it, ownerReferences are left out')
    .option('--with-shared-rules', 'also the rules that the operator brings once for all: where none is installed')
    .addHelpText(
      'after',
      helpAfter(
        ['render pipeline.yaml', 'render pipeline.yaml -o json | jq .items[].kind', 'render - < pipeline.yaml'],
        {
          ok: 'rendered',
          wrong: 'a resource is wrong: it is named, and the others are rendered',
        },
      ),
    )
    .action(async (files: string[], given: RenderOptions) => end(await handleRender(files, given, io)));
};

const addValidate: AddCommand = (program, io, end) => {
  program
    .command('validate')
    .summary('name every problem, with file, document and field')
    .description(
      'Name every problem that can be known without a cluster: of the schema, its rules between fields, unknown fields, and the PromQL and templates of alerts of your own.',
    )
    .addArgument(fileArgument())
    .addOption(options.namespaceOption(forNameless).default(DEFAULT_NAMESPACE))
    .addOption(options.outputOption())
    .addHelpText(
      'after',
      helpAfter(['validate deploy/*.yaml', 'helm template . | tradingpipeline validate -'], {
        ok: 'all valid',
        wrong: 'something is wrong',
      }),
    )
    .action(async (files: string[], given: ValidateOptions) => end(await handleValidate(files, given, io)));
};

const addDiff: AddCommand = (program, io, end) => {
  program
    .command('diff')
    .summary('print what would change in a cluster')
    .description(
      'Print what the controller would change in the cluster if these files were applied, object by object. The API server is asked by dry run; nothing is changed. For the TradingPipeline itself there is kubectl diff.',
    )
    .addArgument(fileArgument())
    .addOption(options.namespaceOption(`${forNameless}; default: that of the context`))
    .addOption(options.kubeconfigOption())
    .addOption(options.outputOption())
    .addHelpText(
      'after',
      helpAfter(['diff pipeline.yaml', 'diff pipeline.yaml --kubeconfig staging.kubeconfig'], {
        ok: 'nothing would change',
        wrong: 'something would',
      }),
    )
    .action(async (files: string[], given: DiffOptions) => end(await handleDiff(files, await inNamespace(given), io)));
};

const addExplain: AddCommand = (program, io, end) => {
  program
    .command('explain')
    .summary('say what an alert means and what to do')
    .description("Say what one of the platform's alerts means, asks, can be tuned to, and what to do when it fires.")
    .argument('<alert>', 'name of the alert, in any case')
    .addOption(options.outputOption())
    .addHelpText('after', `\nAlerts:\n${wrapNames(explainedAlerts)}\n`)
    .addHelpText('after', helpAfter(['explain ServiceDown'], { ok: 'explained' }))
    .action((alert: string, given: ExplainOptions) => end(handleExplain(alert, given, io)));
};

const addDoctor: AddCommand = (program, io, end) => {
  program
    .command('doctor')
    .summary('say why something is not scraped, loaded or shown')
    .description(
      'Say why something is not scraped, loaded or shown: one check after the other, from the API server to the alert, each with its remedy. It only reads.',
    )
    .argument('[name]', 'of one TradingPipeline; all of the namespace when absent')
    .addOption(options.namespaceOption('default: that of the context'))
    .option('-A, --all-namespaces', 'look at all namespaces')
    .addOption(options.kubeconfigOption())
    .addOption(options.prometheusOption())
    .addOption(
      limitOption('--max-series <count>', 'series of one metric that are too many', DEFAULT_MEMORY_LIMITS.series),
    )
    .addOption(
      limitOption(
        '--max-label-values <count>',
        'values of one label that are too many',
        DEFAULT_MEMORY_LIMITS.labelValues,
      ),
    )
    .addOption(options.outputOption())
    .addHelpText(
      'after',
      helpAfter(
        ['doctor -n trading-platform', 'doctor platform -n trading-platform --prometheus http://localhost:9090'],
        {
          ok: 'all is well',
          wrong: 'something is wrong',
          failed: 'something could not be looked at, and nothing else is wrong',
        },
      ),
    )
    .action(async (name: string | undefined, { maxSeries, maxLabelValues, ...given }: DoctorFlags) => {
      const limits = { series: maxSeries, labelValues: maxLabelValues };
      end(await handleDoctor(name, { ...(await inNamespace(given)), limits }, io));
    });
};

type DoctorFlags = Omit<DoctorOptions, 'limits'> & { readonly maxSeries: number; readonly maxLabelValues: number };

function limitOption(flags: string, description: string, limit: number): Option {
  return new Option(flags, description).argParser(options.parseCount).default(limit);
}

const addBacktest: AddCommand = (program, io, end) => {
  program
    .command('backtest')
    .summary('say when alerts would have fired')
    .description(
      'Replay the alerts of these files over what Prometheus remembers: when would each have fired, by its `for`? Alerts of objectives are replayed from their counters, minute by minute, as if their recording rules had always been there. Times are now, -6h, 2026-03-01, 2026-03-01T09:30Z or unix seconds.',
    )
    .addArgument(fileArgument())
    .requiredOption('--from <time>', 'begin of the range')
    .option('--to <time>', 'end of the range', 'now')
    .addOption(
      new Option('--step <duration>', 'time between two evaluations').argParser(options.parseStep).default(30, '30s'),
    )
    .option('--alert <name...>', 'only these alerts')
    .addOption(options.namespaceOption(forNameless).default(DEFAULT_NAMESPACE))
    .addOption(options.prometheusOption())
    .addOption(options.outputOption())
    .addHelpText(
      'after',
      helpAfter(
        ['backtest pipeline.yaml --from -7d', 'backtest pipeline.yaml --from -2d --to -1d --alert ServiceDown'],
        {
          ok: 'none would have fired',
          wrong: 'at least one would have',
          failed: 'it cannot be told: wrong input, no Prometheus, or no samples of a metric in that time',
        },
      ),
    )
    .action(async (files: string[], given: BacktestOptions) => end(await handleBacktest(files, given, io)));
};

const addCompletion: AddCommand = (program, io, end) => {
  program
    .command('completion')
    .summary('print the completion script of a shell')
    .description('Print a script that completes commands, options and names of alerts.')
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText(
      'after',
      `
Examples:
  source <(${PROGRAM} completion bash)
  ${PROGRAM} completion zsh > "\${fpath[1]}/_${PROGRAM}"
  ${PROGRAM} completion fish > ~/.config/fish/completions/${PROGRAM}.fish`,
    )
    .action((shell: (typeof shells)[number]) => end(handleCompletion(shell, program, io)));
};

interface Outcomes {
  readonly ok: string;
  readonly wrong?: string;
  readonly failed?: string;
}

const COULD_NOT = 'it could not be done: wrong arguments, or a file or server that does not answer';
const ofEach = { ok: 'as it should be', wrong: 'something is wrong, differs or fires: see the command' };

function helpAfter(examples: readonly string[], { ok, wrong, failed = COULD_NOT }: Outcomes = ofEach): string {
  const lines = examples.map((one) => `  ${one.includes(PROGRAM) ? one : `${PROGRAM} ${one}`}`);
  const codes = [`  0  ${ok}`, ...(wrong ? [`  1  ${wrong}`] : []), `  2  ${failed}`];
  return `\nExamples:\n${lines.join('\n')}\n\nExit codes:\n${codes.join('\n')}`;
}

function wrapNames(names: readonly string[]): string {
  return names.map((name) => `  ${name}`).join('\n');
}

/** The namespace that was asked for, or the one kubectl would take. */
async function inNamespace<Given extends { readonly namespace?: string; readonly kubeconfig?: string }>(given: Given) {
  if (given.namespace !== undefined) return { ...given, namespace: given.namespace };
  const { readCurrentNamespace } = await import('../kube/kube-connection.ts');
  return { ...given, namespace: (await readCurrentNamespace(given.kubeconfig)) ?? DEFAULT_NAMESPACE };
}
