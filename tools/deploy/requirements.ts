import { findExecutable, runCommand } from '#local/provision/run-command.ts';

/** Programs that an installation needs, each with the page that says how to install it. */
const programs = {
  docker: 'https://docs.docker.com/engine/install',
  nerdctl: 'https://github.com/containerd/nerdctl#install',
  podman: 'https://podman.io/docs/installation',
  kind: 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
  helm: 'https://helm.sh/docs/intro/install',
  kubectl: 'https://kubernetes.io/docs/tasks/tools',
} as const;
type Program = keyof typeof programs;

/** The programs with which kind can run its nodes, in the order in which kind looks for them. */
const kindProviders = ['docker', 'nerdctl', 'podman'] as const satisfies readonly Program[];

/** Thrown if something that an installation needs is missing. The message names everything that is missing. */
export class Missing extends Error {}

/** @throws `Missing` with the name of each program that is not on PATH, and where to get it */
export function needPrograms(names: readonly Program[]): void {
  refuse(listAbsent(names));
}

/**
 * Checks that the programs and kind are on PATH, and that the container engine that runs kind's node is available. The engine
 * is KIND_EXPERIMENTAL_PROVIDER, or the first one on PATH, as kind itself chooses.
 * @throws `Missing` with everything that is missing
 */
export async function needKind(names: readonly Program[], environment: NodeJS.ProcessEnv = process.env): Promise<void> {
  refuse([...listAbsent(['kind', ...names]), ...(await checkProvider(environment.KIND_EXPERIMENTAL_PROVIDER))]);
}

function refuse(lacks: readonly string[]): void {
  if (lacks.length > 0) throw new Missing(lacks.join('\n'));
}

function listAbsent(names: readonly Program[]): string[] {
  return names.filter((name) => !findExecutable(name)).map((name) => `${name} is not on PATH: ${programs[name]}`);
}

async function checkProvider(asked?: string): Promise<string[]> {
  const known = kindProviders.join(', ');
  const provider = kindProviders.find((one) => (asked ? one === asked : findExecutable(one)));
  if (!provider && asked) return [`KIND_EXPERIMENTAL_PROVIDER=${asked}: must be one of ${known}`];
  if (!provider) return [`none of ${known} is on PATH, and kind needs one: ${programs.docker}`];
  if (!findExecutable(provider)) return listAbsent([provider]);
  // the client may be installed while its daemon does not run
  return runCommand(provider, ['ps']).then(
    () => [],
    ({ message }: Error) => [
      `${provider} does not answer (${message}): start it, or name another: KIND_EXPERIMENTAL_PROVIDER=podman make kind-up`,
    ],
  );
}

/** @throws `Missing` if the API server of KUBECONFIG does not respond */
export async function needCluster(): Promise<void> {
  await runCommand('kubectl', ['version', '--request-timeout=10s']).catch((error: Error) => {
    throw new Missing(
      `the cluster does not answer (${error.message}): run KUBECONFIG=file make deploy, or make kind-up`,
    );
  });
}
