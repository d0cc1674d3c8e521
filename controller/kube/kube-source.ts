/**
 * Where the API server is, read from a kubeconfig or from the pod. What is plain there (certificates, tokens, passwords) is
 * read here; for plugins, proxies and impersonation the client library is loaded, which holds some 90 MB from then on.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';

export interface Credentials {
  readonly tls: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'>;
  readonly headers: Readonly<Record<string, string>>;
  /** `user:password` for basic authentication. */
  readonly auth?: string;
  /** Only where the kubeconfig names a proxy: everything else goes over the client's own agent. */
  readonly agent?: Agent;
}

export interface KubeSource {
  readonly server: string;
  /** Reads files again at each call: tokens rotate. */
  credentials(): Promise<Credentials>;
}

type Fields = Readonly<Record<string, unknown>>;

/** One named entry of a kubeconfig, and the folder its paths start from. */
interface Entry {
  readonly fields: Fields;
  readonly folder: string;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const PLAIN_CLUSTER_FIELDS = [
  'server',
  'certificate-authority',
  'certificate-authority-data',
  'insecure-skip-tls-verify',
  'tls-server-name',
  'extensions',
];
const PLAIN_USER_FIELDS = [
  ...['client-certificate', 'client-certificate-data', 'client-key', 'client-key-data'],
  ...['token', 'tokenFile', 'username', 'password', 'extensions'],
];

export function readKubeSource(kubeconfigFile?: string): KubeSource {
  const files = kubeconfigFile ? [kubeconfigFile] : listDefaultFiles();
  if (files.length > 0) return readKubeconfigs(files);
  if (process.env.KUBERNETES_SERVICE_HOST) return readPod(process.env.KUBERNETES_SERVICE_HOST);
  throw new Error('no cluster: set KUBECONFIG to a kubeconfig file, or run in a pod with a service account');
}

function listDefaultFiles(): string[] {
  const named = (process.env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  if (named.length > 0) return named;
  const home = join(homedir(), '.kube', 'config');
  return existsSync(home) ? [home] : [];
}

function readPod(host: string): KubeSource {
  const address = host.includes(':') ? `[${host}]` : host;
  return {
    server: `https://${address}:${process.env.KUBERNETES_SERVICE_PORT ?? '443'}`,
    credentials: async () => ({
      tls: { ca: readFileSync(join(SERVICE_ACCOUNT, 'ca.crt')) },
      headers: bearer(readFileSync(join(SERVICE_ACCOUNT, 'token'), 'utf8')),
    }),
  };
}

/** Of several files, the first that names something counts. */
function readKubeconfigs(files: readonly string[]): KubeSource {
  const documents = files.map((file) => ({
    fields: (parse(readFileSync(file, 'utf8')) ?? {}) as Fields,
    folder: dirname(resolve(file)),
  }));
  const find = (list: string, inner: string, name: unknown): Entry | undefined => {
    for (const { fields, folder } of documents) {
      const entry = ((fields[list] ?? []) as Fields[]).find((one) => one.name === name)?.[inner];
      if (entry) return { fields: entry as Fields, folder };
    }
    return undefined;
  };
  const current = documents.map(({ fields }) => fields['current-context']).find((name) => name !== undefined);
  const context = find('contexts', 'context', current)?.fields;
  const cluster = find('clusters', 'cluster', context?.cluster);
  const server = cluster?.fields.server;
  if (!cluster || typeof server !== 'string')
    throw new Error(`no cluster in ${files.join(', ')}: set current-context to a context whose cluster and user exist`);
  const user = find('users', 'user', context?.user) ?? { fields: {}, folder: '' };
  const isPlain = hasOnly(cluster.fields, PLAIN_CLUSTER_FIELDS) && hasOnly(user.fields, PLAIN_USER_FIELDS);
  return {
    server,
    credentials: isPlain ? async () => plainCredentials(cluster, user) : () => libraryCredentials(files),
  };
}

function hasOnly(fields: Fields, known: readonly string[]): boolean {
  return Object.keys(fields).every((name) => known.includes(name));
}

function plainCredentials(cluster: Entry, user: Entry): Credentials {
  const { username, password, token, tokenFile } = user.fields as Record<string, string | undefined>;
  const given = {
    ca: readMaterial(cluster, 'certificate-authority'),
    cert: readMaterial(user, 'client-certificate'),
    key: readMaterial(user, 'client-key'),
    servername: cluster.fields['tls-server-name'] as string | undefined,
    rejectUnauthorized: cluster.fields['insecure-skip-tls-verify'] === true ? false : undefined,
  };
  const secret = tokenFile ? readFileSync(resolve(user.folder, tokenFile), 'utf8') : token;
  return {
    tls: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    headers: secret ? bearer(secret) : {},
    auth: username ? `${username}:${password ?? ''}` : undefined,
  };
}

/** The data itself, base64, or the file that holds it. */
function readMaterial({ fields, folder }: Entry, name: string): Buffer | undefined {
  const data = fields[`${name}-data`];
  if (typeof data === 'string') return Buffer.from(data, 'base64');
  const file = fields[name];
  return typeof file === 'string' ? readFileSync(resolve(folder, file)) : undefined;
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token.trim()}` };
}

/** By the client library, which knows every way to log in. */
async function libraryCredentials(files: readonly string[]): Promise<Credentials> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const [first = '', ...rest] = files;
  config.loadFromFile(first);
  for (const file of rest) {
    const more = new KubeConfig();
    more.loadFromFile(file);
    config.mergeConfig(more, true);
  }
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  const given = Object.entries({ ca, cert, key, servername, rejectUnauthorized });
  return {
    tls: Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    headers: (options.headers ?? {}) as Record<string, string>,
    auth: options.auth ?? undefined,
    agent: config.getCurrentCluster()?.proxyUrl ? (options.agent as Agent) : undefined,
  };
}
