/** `make deploy`, `make kind-up` and `make kind-down`: install the platform on a cluster. */
import { join } from 'node:path';
import { Command } from 'commander';
import { NotHad } from '#local/provision/part.ts';
import { imagesFolder } from '../images/build-images.ts';
import { chart, type DeployOptions, deploy } from './deploy.ts';
import { startKind, stopKind } from './kind.ts';
import { Missing } from './requirements.ts';
import { StepFailed } from './run-step.ts';

const variables = `
Environment:
  KUBECONFIG   the cluster to deploy to
  IMAGE_LOAD   command that loads image archives into the cluster, such as "kind load image-archive --name NAME"; the names of the
               archives are appended. Without it, the cluster pulls the images
  NAMESPACE    namespace of the release (trading-platform); make kind-up ignores it
  VALUES       values files of the chart, separated by spaces
  KIND_EXPERIMENTAL_PROVIDER   what kind runs its node with: docker, nerdctl or podman; by default the first that is on PATH`;

const splitWords = (text = '') => text.split(/\s+/).filter((word) => word !== '');

function readOptions(environment: NodeJS.ProcessEnv): DeployOptions {
  const namespace = environment.NAMESPACE || 'trading-platform';
  return {
    imageFolder: imagesFolder,
    namespace,
    values: splitWords(environment.VALUES),
    imageLoad: environment.IMAGE_LOAD,
  };
}

function buildProgram(): Command {
  const program = new Command('deploy').description(
    'Installs the platform of this repository on a Kubernetes cluster.',
  );
  program.showHelpAfterError().addHelpText('after', variables);
  program
    .command('install')
    .description('load the images of make images, install or upgrade the chart, and wait until everything is ready')
    .action(() => deploy(readOptions(process.env)));
  program
    .command('kind-up')
    .description('create a kind cluster and install the platform on it')
    .action(() => {
      const { values } = readOptions(process.env);
      return startKind({
        imageFolder: imagesFolder,
        namespace: 'trading-platform',
        values: [join(chart, 'values', 'kind.yaml'), ...values],
      });
    });
  program
    .command('kind-down')
    .description('remove that cluster and its data')
    .action(() => stopKind());
  return program;
}

/** Whether the user can correct the error. Any other error is a defect and keeps its stack trace. */
function isExpected(error: unknown): error is Error {
  return [Missing, StepFailed, NotHad].some((kind) => error instanceof kind);
}

try {
  await buildProgram().parseAsync();
} catch (error) {
  if (!isExpected(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
