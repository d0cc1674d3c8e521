import { runCommand } from '#local/provision/run-command.ts';

interface ImageLayer {
  readonly digest: string;
  /** Uncompressed bytes. */
  readonly size: number;
  /** Name of the layer's file in the archive. */
  readonly entry: string;
}

export interface ImageArchive {
  readonly names: readonly string[];
  /** The image id that `docker images` shows: the digest of the configuration, which names every layer. */
  readonly id: string;
  readonly config: ImageConfig;
  readonly layers: readonly ImageLayer[];
}

interface ImageConfig {
  readonly config: {
    readonly User?: string;
    readonly Entrypoint?: readonly string[];
    readonly Cmd?: readonly string[];
    readonly Labels?: Readonly<Record<string, string>>;
  };
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

/** Reads an archive in the format of `docker save`, as any builder writes it. */
export async function readArchive(file: string): Promise<ImageArchive> {
  const [manifest] = JSON.parse(await readEntry(file, 'manifest.json')) as [
    { Config: string; RepoTags: string[]; Layers: string[] },
  ];
  const config = JSON.parse(await readEntry(file, manifest.Config)) as ImageConfig;
  const sizes = await readSizes(file);
  const layers = manifest.Layers.map((entry, index) => ({
    entry,
    digest: config.rootfs.diff_ids[index]!,
    size: sizes[entry] ?? 0,
  }));
  const id = /[0-9a-f]{64}/.exec(manifest.Config)?.[0] ?? manifest.Config;
  return { names: manifest.RepoTags, id: `sha256:${id}`, config, layers };
}

function readEntry(file: string, entry: string): Promise<string> {
  return runCommand('tar', ['-xOf', file, entry]);
}

/** Returns the size of every file in the archive in bytes, keyed by the file's name. */
async function readSizes(file: string): Promise<Record<string, number>> {
  const listing = await runCommand('tar', ['-tvf', file]);
  const rows = listing.split('\n').map((line) => line.trim().split(/\s+/));
  return Object.fromEntries(rows.map(([, , size, , , name]) => [name, Number(size)]));
}

/** Reads a file of the image's top layer. */
export async function readLayerFile(file: string, { layers }: ImageArchive, path: string): Promise<string> {
  const top = layers.at(-1);
  if (!top) throw new Error(`${file} has no layer`);
  return runCommand('sh', ['-c', 'tar -xOf "$1" "$2" | tar -xO "$3"', 'sh', file, top.entry, path]);
}
