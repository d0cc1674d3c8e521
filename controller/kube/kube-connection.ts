/**
 * Reads the URL of the API server and the credentials from a kubeconfig or from the pod's service account. This file
 * reads certificates, tokens and passwords itself. Only for plugins, proxies and impersonation does it load the client
 * library (@kubernetes/client-node), which takes about 90 MB of memory from then on.
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
  /** `user:password` for basic authentication; absent if the credentials contain no user name. */
  readonly auth?: string;
  /**
   * The agent for the kubeconfig's proxy. If absent, there is no proxy, and requests use the agent of KubeTransport.
   */
  readonly agent?: Agent;
}

/**
 * The API server's URL, and credentials that are read again from time to time, because tokens rotate and exec plugins renew
 * certificates.
 */
export interface KubeConnection {
  readonly server: URL;
  /**
   * Returns the credentials for the next request. Cheap to call, because the credentials are read at most once a
   * minute.
   */
  credentials(): Promise<Credentials>;
  /** Makes the next call of `credentials` read the credentials again. Call this after a response with status 401. */
  forget(): void;
}

interface KubeSource {
  readonly server: string;
  /** Reads the credentials at each call, without a cache. */
  credentials(): Promise<Credentials>;
}

type Fields = Readonly<Record<string, unknown>>;

/** A cluster, context or user in a kubeconfig. Relative paths in its fields start from `folder`. */
interface Entry {
  readonly fields: Fields;
  readonly folder: string;
}

const CREDENTIALS_MAX_AGE_MS = 60_000;
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

/** Reads the given kubeconfig file, or else KUBECONFIG, ~/.kube/config or the service account of the pod, in that order. */
export function readKubeConnection(kubeconfigFile?: string): KubeConnection {
  const source = readSource(kubeconfigFile);
  let current: Promise<Credentials> | undefined;
  let readAt = 0;
  return {
    server: new URL(source.server),
    credentials() {
      if (!current || performance.now() - readAt > CREDENTIALS_MAX_AGE_MS) {
        readAt = performance.now();
        current = source.credentials();
        current.catch(() => {
          current = undefined;
        });
      }
      return current;
    },
    forget() {
      current = undefined;
    },
  };
}

/**
 * Returns the namespace that kubectl would use, which is that of the current context. Returns undefined if the context has no
 * namespace, or if there is no kubeconfig.
 */
export async function readCurrentNamespace(kubeconfigFile?: string): Promise<string | undefined> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    if (kubeconfigFile) config.loadFromFile(kubeconfigFile);
    else config.loadFromDefault();
  } catch {
    return undefined;
  }
  return config.getContextObject(config.getCurrentContext())?.namespace;
}

function readSource(kubeconfigFile?: string): KubeSource {
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

/** Reads kubeconfig files. If several files contain an entry with the same name, the first file wins, as in kubectl. */
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

/**
 * Returns the content of the field NAME-data, which is base64, or else of the file whose path the field NAME contains.
 * Returns undefined if both fields are absent.
 */
function readMaterial({ fields, folder }: Entry, name: string): Buffer | undefined {
  const data = fields[`${name}-data`];
  if (typeof data === 'string') return Buffer.from(data, 'base64');
  const file = fields[name];
  return typeof file === 'string' ? readFileSync(resolve(folder, file)) : undefined;
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token.trim()}` };
}

/** Reads the credentials with the client library, which supports every way to log in. */
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
