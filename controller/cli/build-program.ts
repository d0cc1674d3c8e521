/** Declares the commands with their options and help texts. commands/ contains their handlers. */
import { Argument, Command, Option } from 'commander';
import { shells } from './build-completion.ts';
import type { CommandIo, ExitCode } from './command-io.ts';
import { type BacktestOptions, handleBacktest } from './commands/backtest.ts';
import { handleCompletion } from './commands/completion.ts';
import { type DiffOptions, handleDiff } from './commands/diff.ts';
import { type DoctorOptions, handleDoctor } from './commands/doctor.ts';
import { type ExplainOptions, handleExplain } from './commands/explain.ts';
import { handleRender, type RenderOptions } from './commands/render.ts';
import { handleValidate, type ValidateOptions } from './commands/validate.ts';
import { DEFAULT_MEMORY_LIMITS } from './doctor/check-memory.ts';
import { explainedAlerts } from './explain-alert.ts';
import * as options from './options.ts';

export const PROGRAM = 'tradingpipeline';
/** The oldest Node that runs the program's bundle. Older ones have no `process.getBuiltinModule`, which bundles call. */
export const OLDEST_NODE = '20.16';
/** What the program does, in one sentence. */
export const PROGRAM_ABOUT =
  'Work with TradingPipelines on the command line: see which objects they become, find mistakes, and learn why data is missing.';
const DEFAULT_NAMESPACE = 'default';
const fileArgument = () =>
  new Argument('<file...>', 'YAML or JSON files, each with any number of documents; - for standard input');
const forNameless = 'namespace of resources that name none';

/** @param end is called with the exit code of the command that ran */
export function buildProgram(io: CommandIo, end: (code: ExitCode) => void): Command {
  const program = new Command(PROGRAM)
    .description(PROGRAM_ABOUT)
    .showHelpAfterError(`(run ${PROGRAM} --help for the commands)`)
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
    .option('--uid <uid>', 'uid of the resource in the cluster; without it, ownerReferences are left out')
    .option(
      '--with-shared-rules',
      'also print the rules that come with the operator, for a cluster without an operator',
    )
    .option(
      '--qualify-dashboards',
      'give every dashboard a uid and a title of its own resource, for files that are rendered one by one',
    )
    .addHelpText(
      'after',
      helpAfter(
        ['render pipeline.yaml', 'render pipeline.yaml -o json | jq .items[].kind', 'render - < pipeline.yaml'],
        {
          ok: 'rendered',
          wrong: 'a resource is invalid: the command names it and renders the others',
        },
      ),
    )
    .action(async (files: string[], given: RenderOptions) => end(await handleRender(files, given, io)));
};

const addValidate: AddCommand = (program, io, end) => {
  program
    .command('validate')
    .summary('report every problem with file, line and field')
    .description(
      'Report every problem that can be found without a cluster: violations of the schema and of its rules between fields, unknown fields, and errors in the PromQL and templates of your own alerts.',
    )
    .addArgument(fileArgument())
    .addOption(options.namespaceOption(forNameless).default(DEFAULT_NAMESPACE))
    .addOption(options.outputOption())
    .addHelpText(
      'after',
      helpAfter(['validate deploy/*.yaml', 'helm template . | tradingpipeline validate -'], {
        ok: 'all valid',
        wrong: 'a resource is invalid',
      }),
    )
    .action(async (files: string[], given: ValidateOptions) => end(await handleValidate(files, given, io)));
};

const addDiff: AddCommand = (program, io, end) => {
  program
    .command('diff')
    .summary('print what would change in a cluster')
    .description(
      'Print, object by object, what the controller would change in the cluster if these files were applied. The command asks the API server with dry runs and changes nothing. For the TradingPipeline itself, use kubectl diff.',
    )
    .addArgument(fileArgument())
    .addOption(options.namespaceOption(`${forNameless}; default: the namespace of the kubeconfig's context`))
    .addOption(options.kubeconfigOption())
    .addOption(options.outputOption())
    .addHelpText(
      'after',
      helpAfter(['diff pipeline.yaml', 'diff pipeline.yaml --kubeconfig staging.kubeconfig'], {
        ok: 'nothing would change',
        wrong: 'at least one object would change',
      }),
    )
    .action(async (files: string[], given: DiffOptions) => end(await handleDiff(files, await inNamespace(given), io)));
};

const addExplain: AddCommand = (program, io, end) => {
  program
    .command('explain')
    .summary('explain an alert and what to do about it')
    .description(
      "Explain one of the platform's alerts: what it means, its expression, how to tune it, and what to do when it fires.",
    )
    .argument('<alert>', 'name of the alert; upper and lower case do not matter')
    .addOption(options.outputOption())
    .addHelpText('after', `\nAlerts:\n${wrapNames(explainedAlerts)}\n`)
    .addHelpText('after', helpAfter(['explain ServiceDown'], { ok: 'explained' }))
    .action((alert: string, given: ExplainOptions) => end(handleExplain(alert, given, io)));
};

const addDoctor: AddCommand = (program, io, end) => {
  program
    .command('doctor')
    .summary('find out why something is not scraped, loaded or shown')
    .description(
      'Find out why something is not scraped, loaded or shown. The checks go from the API server to the alert, and each problem comes with its remedy. The command only reads.',
    )
    .argument('[name]', 'name of one TradingPipeline; without it, all of the namespace')
    .addOption(options.namespaceOption("default: the namespace of the kubeconfig's context"))
    .option('-A, --all-namespaces', 'check the TradingPipelines of all namespaces')
    .addOption(options.kubeconfigOption())
    .addOption(options.prometheusOption())
    .addOption(
      limitOption('--max-series <count>', 'report a metric with more series than this', DEFAULT_MEMORY_LIMITS.series),
    )
    .addOption(
      limitOption(
        '--max-label-values <count>',
        'report a label with more values than this',
        DEFAULT_MEMORY_LIMITS.labelValues,
      ),
    )
    .addOption(options.outputOption())
    .addHelpText(
      'after',
      helpAfter(
        ['doctor -n trading-platform', 'doctor platform -n trading-platform --prometheus http://localhost:9090'],
        {
          ok: 'every check passed',
          wrong: 'at least one check found a problem',
          failed: 'at least one check could not be made, and the others passed',
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
    .summary('show when alerts would have fired')
    .description(
      'Replay the alerts of these files over the data that Prometheus holds, and print when each would have fired, with its `for` taken into account. Alerts of objectives are replayed from their counters, minute by minute, as if their recording rules had always existed. A time is now, -6h, 2026-03-01, 2026-03-01T09:30Z or unix seconds.',
    )
    .addArgument(fileArgument())
    .requiredOption('--from <time>', 'start of the range')
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
          ok: 'no alert would have fired',
          wrong: 'at least one alert would have fired',
          failed: 'no answer: invalid input, Prometheus does not answer, or a metric has no samples in the range',
        },
      ),
    )
    .action(async (files: string[], given: BacktestOptions) => end(await handleBacktest(files, given, io)));
};

const addCompletion: AddCommand = (program, io, end) => {
  program
    .command('completion')
    .summary('print a completion script for a shell')
    .description('Print a script that completes commands, options, alert names and files.')
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

const COULD_NOT = 'the command failed: wrong arguments, an unreadable file, or a server that does not answer';
const ofEach = { ok: 'nothing to report', wrong: "a problem, a difference or a firing alert: see the command's help" };

function helpAfter(examples: readonly string[], { ok, wrong, failed = COULD_NOT }: Outcomes = ofEach): string {
  const lines = examples.map((one) => `  ${one.includes(PROGRAM) ? one : `${PROGRAM} ${one}`}`);
  const codes = [`  0  ${ok}`, ...(wrong ? [`  1  ${wrong}`] : []), `  2  ${failed}`];
  return `\nExamples:\n${lines.join('\n')}\n\nExit codes:\n${codes.join('\n')}`;
}

function wrapNames(names: readonly string[]): string {
  return names.map((name) => `  ${name}`).join('\n');
}

/** Fills in the namespace that kubectl would use, if the command line names no namespace. */
async function inNamespace<Given extends { readonly namespace?: string; readonly kubeconfig?: string }>(given: Given) {
  if (given.namespace !== undefined) return { ...given, namespace: given.namespace };
  const { readCurrentNamespace } = await import('../kube/kube-connection.ts');
  return { ...given, namespace: (await readCurrentNamespace(given.kubeconfig)) ?? DEFAULT_NAMESPACE };
}
