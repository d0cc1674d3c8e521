import { findExecutable, runCommand } from '#local/provision/run-command.ts';

/** A program that a step onto a cluster needs, and where it comes from. */
const programs = {
  docker: 'https://docs.docker.com/engine/install',
  kind: 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
  helm: 'https://helm.sh/docs/intro/install',
  kubectl: 'https://kubernetes.io/docs/tasks/tools',
} as const;
export type Program = keyof typeof programs;

/** What is missing; its message names all of it at once. */
export class Missing extends Error {}

/** @throws Missing that names every program that is not here, and where to get it */
export async function needPrograms(names: readonly Program[]): Promise<void> {
  const absent = names
    .filter((name) => !findExecutable(name))
    .map((name) => `${name} is not on PATH: ${programs[name]}`);
  if (names.includes('docker') && findExecutable('docker')) absent.push(...(await checkDocker()));
  if (absent.length > 0) throw new Missing(absent.join('\n'));
}

async function checkDocker(): Promise<string[]> {
  return runCommand('docker', ['version', '--format', '{{.Server.Version}}']).then(
    () => [],
    (error: Error) => [`docker has no daemon to talk to (${error.message}): start Docker`],
  );
}

/** @throws Missing when no API server answers */
export async function needCluster(): Promise<void> {
  await runCommand('kubectl', ['version', '--request-timeout=10s']).catch((error: Error) => {
    throw new Missing(`no cluster answers (${error.message}): KUBECONFIG=file make deploy, or make kind-up`);
  });
}
