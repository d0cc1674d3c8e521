/** `make deploy`, `make kind-up`, `make kind-down`: the platform onto a cluster. */
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
  IMAGE_LOAD   command that gives image archives to the cluster, such as "kind load image-archive --name NAME"; their names are put
               behind it. Without it, the cluster pulls the images
  NAMESPACE    namespace of the release (trading-platform); make kind-up does not read it
  VALUES       values files of the chart, separated by spaces
  KIND_EXPERIMENTAL_PROVIDER   what kind runs its node with: docker, nerdctl or podman; the first that is here when absent`;

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
  const program = new Command('deploy').description('The platform onto a Kubernetes cluster, from this repository.');
  program.showHelpAfterError().addHelpText('after', variables);
  program
    .command('install')
    .description('load the images of make images, install the chart or upgrade it, wait until all of it is ready')
    .action(() => deploy(readOptions(process.env)));
  program
    .command('kind-up')
    .description('a cluster of kind with the platform on it')
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
    .description('remove that cluster, with its data')
    .action(() => stopKind());
  return program;
}

/** What a user can do something about; anything else is a defect and keeps its stack trace. */
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
