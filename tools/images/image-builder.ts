import { findExecutable, runCommand } from '#local/provision/run-command.ts';

interface ImageRequest {
  /** Name of the build target in the Dockerfile. */
  readonly target: string;
  /** Name and tag. */
  readonly name: string;
  readonly args: Readonly<Record<string, string>>;
  /** Time of the image and of every file in it, in seconds since 1970, so that equal input produces an equal image. */
  readonly epoch: number;
  /** Build context: the folder with the Dockerfile. */
  readonly context: string;
  /** If false, the build reuses no layers of an earlier build. */
  readonly cache?: boolean;
}

/** A program that builds images from the Dockerfile. */
export interface ImageBuilder {
  readonly name: string;
  build(request: ImageRequest): Promise<void>;
  /** Writes the image as an archive in the format of `docker save`. */
  save(image: string, file: string): Promise<void>;
  /** Returns the digests of an image's layers, lowest first. */
  readLayers(image: string): Promise<readonly string[]>;
}

export class NoImageBuilder extends Error {}

const builders: Readonly<Record<string, () => ImageBuilder>> = {
  docker: () => buildWithBuildKit('docker'),
  buildah: () => buildWithBuildah(),
  podman: () => buildWithPodman(),
  nerdctl: () => buildWithBuildKit('nerdctl'),
};

/**
 * Finds the builder that IMAGE_BUILDER names, or the first one that works on this machine.
 * @throws NoImageBuilder with the reason for each builder that does not work
 */
export async function findImageBuilder(environment: NodeJS.ProcessEnv = process.env): Promise<ImageBuilder> {
  const asked = environment.IMAGE_BUILDER;
  if (asked && !Object.hasOwn(builders, asked))
    throw new NoImageBuilder(`IMAGE_BUILDER=${asked}: must be one of ${Object.keys(builders).join(', ')}`);
  const lacks: string[] = [];
  for (const [name, open] of Object.entries(builders)) {
    if (asked && asked !== name) continue;
    const lack = await findLack(name);
    if (lack === undefined) return open();
    lacks.push(`  ${name}: ${lack}`);
  }
  throw new NoImageBuilder(
    [
      'no program on this machine can build an image:',
      ...lacks,
      'Install one of them: https://docs.docker.com/engine/install',
    ].join('\n'),
  );
}

async function findLack(name: string): Promise<string | undefined> {
  const program = findExecutable(name);
  if (!program) return 'not on PATH';
  // docker is only a client, so also check that its daemon runs
  if (name !== 'docker') return undefined;
  return runCommand(program, ['version', '--format', '{{.Server.Version}}']).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

function listArgs(request: ImageRequest): string[] {
  const args = Object.entries(request.args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const cache = request.cache === false ? ['--no-cache'] : [];
  return [...cache, ...args, '--target', request.target, '--tag', request.name, request.context];
}

function buildWithBuildKit(program: 'docker' | 'nerdctl'): ImageBuilder {
  return {
    name: program,
    build: async (request) => {
      // BuildKit reads the time of the image from this argument
      const epoch = ['--build-arg', `SOURCE_DATE_EPOCH=${request.epoch}`];
      await runCommand(program, ['build', '--quiet', ...epoch, ...listArgs(request)]);
    },
    save: async (image, file) => void (await runCommand(program, ['save', '--output', file, image])),
    readLayers: (image) => readLayersOf(program, image),
  };
}

function buildWithPodman(): ImageBuilder {
  return {
    name: 'podman',
    build: async (request) => {
      await runCommand('podman', ['build', '--quiet', '--timestamp', String(request.epoch), ...listArgs(request)]);
    },
    save: async (image, file) =>
      void (await runCommand('podman', ['save', '--format', 'docker-archive', '--output', file, image])),
    readLayers: (image) => readLayersOf('podman', image),
  };
}

async function readLayersOf(program: string, image: string): Promise<readonly string[]> {
  return JSON.parse(await runCommand(program, ['image', 'inspect', '--format', '{{json .RootFS.Layers}}', image]));
}

function buildWithBuildah(): ImageBuilder {
  return {
    name: 'buildah',
    build: async (request) => {
      await runCommand('buildah', ['build', '--quiet', '--timestamp', String(request.epoch), ...listArgs(request)]);
    },
    save: async (image, file) =>
      void (await runCommand('buildah', ['push', '--quiet', image, `docker-archive:${file}:${image}`])),
    readLayers: async (image) => {
      const { OCIv1 } = JSON.parse(await runCommand('buildah', ['inspect', '--type', 'image', image])) as {
        OCIv1: { rootfs: { diff_ids: string[] } };
      };
      return OCIv1.rootfs.diff_ids;
    },
  };
}
