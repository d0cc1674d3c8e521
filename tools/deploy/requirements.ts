import { findExecutable, runCommand } from '#local/provision/run-command.ts';

/** A program that a step onto a cluster needs, and where it comes from. */
const programs = {
  docker: 'https://docs.docker.com/engine/install',
  nerdctl: 'https://github.com/containerd/nerdctl#install',
  podman: 'https://podman.io/docs/installation',
  kind: 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
  helm: 'https://helm.sh/docs/intro/install',
  kubectl: 'https://kubernetes.io/docs/tasks/tools',
} as const;
export type Program = keyof typeof programs;

/** What kind can run its nodes with, in the order in which it looks for them. */
const kindProviders = ['docker', 'nerdctl', 'podman'] as const satisfies readonly Program[];

/** What is missing; its message names all of it at once. */
export class Missing extends Error {}

/** @throws Missing that names every program that is not here, and where to get it */
export function needPrograms(names: readonly Program[]): void {
  refuse(listAbsent(names));
}

/**
 * What needPrograms asks for, and what kind runs its node with: what KIND_EXPERIMENTAL_PROVIDER names, or the first that is here, as
 * kind itself decides.
 * @throws Missing that names all of it
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
  // the client alone runs nothing
  return runCommand(provider, ['ps']).then(
    () => [],
    ({ message }: Error) => [
      `${provider} does not answer (${message}): start it, or name another: KIND_EXPERIMENTAL_PROVIDER=podman make kind-up`,
    ],
  );
}

/** @throws Missing when no API server answers */
export async function needCluster(): Promise<void> {
  await runCommand('kubectl', ['version', '--request-timeout=10s']).catch((error: Error) => {
    throw new Missing(`no cluster answers (${error.message}): KUBECONFIG=file make deploy, or make kind-up`);
  });
}
