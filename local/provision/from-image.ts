import { createHash } from 'node:crypto';
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { downloadFile } from './download.ts';
import { describeFailure } from './host-probe.ts';
import { NotHad, oneFile, type Source, type Step } from './part.ts';
import { runCommand } from './run-command.ts';

interface ImageProgram<File extends string> {
  /** Base URL, such as `https://quay.io`. */
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly version: string;
  /** The path of the program in the image, without a leading slash. */
  readonly path: string;
  readonly program: File;
}

const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

interface Descriptor {
  readonly digest: string;
  readonly platform?: { readonly os: string; readonly architecture: string };
}
interface Manifest {
  readonly manifests?: readonly Descriptor[];
  readonly layers?: readonly Descriptor[];
}

/**
 * Takes one program out of a public container image over the registry's HTTP API, without a container engine. Verifies the
 * digest of every manifest and layer that the tag refers to.
 */
export function fromImage<File extends string>(image: ImageProgram<File>): Source<File> {
  const { host } = new URL(image.registry);
  return {
    kind: 'image',
    about: `image ${host}/${image.repository}:${image.tag}`,
    host,
    async get(step) {
      if (process.platform !== 'linux') throw new NotHad('container images only have programs for Linux');
      const registry = await openRegistry(image);
      const layers = await readLayers(registry, image);
      // Start with the last layer: the first layers are the base image, and the program is usually on top
      for (const layer of layers.toReversed()) {
        if (await extractFrom(registry, image, layer, step)) {
          return { version: image.version, files: oneFile(image.program) };
        }
      }
      throw new NotHad(`no layer of the image contains ${image.path}`);
    },
  };
}

interface Registry {
  readonly url: (path: string) => string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Prepares an anonymous pull. A registry that needs a token responds to the first request with 401 and the address of its token server. */
async function openRegistry(image: ImageProgram<string>): Promise<Registry> {
  const url = (path: string) => `${image.registry}/v2/${image.repository}/${path}`;
  const first = await request(url(`manifests/${image.tag}`), { accept: indexTypes });
  await first.body?.cancel();
  if (first.status !== 401) return { url, headers: {} };
  const challenge = parseChallenge(first.headers.get('www-authenticate') ?? '');
  const address = new URL(challenge.realm);
  if (challenge.service) address.searchParams.set('service', challenge.service);
  address.searchParams.set('scope', `repository:${image.repository}:pull`);
  const answer = await request(address.href, {});
  const { token, access_token } = (await answer.json()) as { token?: string; access_token?: string };
  return { url, headers: { authorization: `Bearer ${token ?? access_token}` } };
}

/** Parses a header such as `Bearer realm="https://…",service="…"`. */
function parseChallenge(header: string): { realm: string; service?: string } {
  const fields = Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  if (!/^bearer /i.test(header) || !fields.realm)
    throw new NotHad(`the registry does not allow anonymous pulls: ${header}`);
  return { realm: fields.realm, service: fields.service };
}

async function readLayers(registry: Registry, image: ImageProgram<string>): Promise<readonly Descriptor[]> {
  const top = await readManifest(registry, image.tag);
  const architecture = architectures[process.arch] ?? process.arch;
  if (!top.manifests) return top.layers ?? [];
  const own = top.manifests.find(({ platform }) => platform?.os === 'linux' && platform.architecture === architecture);
  if (!own) throw new NotHad(`the image has no build for linux/${architecture}`);
  return (await readManifest(registry, own.digest)).layers ?? [];
}

async function readManifest(registry: Registry, reference: string): Promise<Manifest> {
  const response = await request(registry.url(`manifests/${reference}`), { ...registry.headers, accept: indexTypes });
  if (!response.ok) throw new NotHad(`the registry answered ${response.status} for the manifest ${reference}`);
  const body = await response.text();
  if (reference.startsWith('sha256:')) {
    const actual = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    if (actual !== reference) throw new NotHad(`the manifest ${reference} has the digest ${actual}: not used`);
  }
  return JSON.parse(body) as Manifest;
}

async function extractFrom(
  registry: Registry,
  image: ImageProgram<string>,
  layer: Descriptor,
  step: Step,
): Promise<boolean> {
  const archive = join(step.folder, 'layer.tar');
  const hex = layer.digest.replace('sha256:', '');
  const url = registry.url(`blobs/${layer.digest}`);
  await downloadFile(url, archive, { algorithm: 'sha256', hex }, step.log, registry.headers);
  const members = await runCommand('tar', ['-tf', archive]);
  const member = members.split('\n').find((name) => name.replace(/^\.?\//, '') === image.path);
  if (member) {
    await runCommand('tar', ['-xf', archive, '-C', step.folder, member], { log: step.log });
    renameSync(join(step.folder, image.path), join(step.folder, image.program));
    chmodSync(join(step.folder, image.program), 0o755);
  }
  rmSync(archive);
  return member !== undefined && existsSync(join(step.folder, image.program));
}

function request(url: string, headers: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(url, { headers, signal: AbortSignal.timeout(30_000) }).catch((error: unknown) => {
    throw new NotHad(`${url}: ${describeFailure(error)}`);
  });
}
