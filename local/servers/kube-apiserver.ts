import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { httpAnswers } from './probes.ts';
import type { Server } from './server.ts';

interface ApiServerOptions {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The folder for keys, certificate and tokens, readable for its owner only. */
  readonly folder: string;
  readonly port: number;
  /** The address of etcd: `unix:///…` or `http://…`. */
  readonly etcd: string;
  readonly users: readonly ApiUser[];
}

interface ApiUser {
  /**
   * A short name. It identifies the user in the file of all tokens, and names the file that contains only this user's
   * token.
   */
  readonly name: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly kubeconfig: string;
}

/**
 * Age in days from which a start removes the API server's certificate, so that the API server creates a new one in
 * time. A certificate that the API server creates is valid for a year.
 */
const CERTIFICATE_DAYS = 300;
const DAY_MS = 24 * 3600_000;

export function buildApiServer(options: ApiServerOptions): Server {
  const at = (file: string) => join(options.folder, file);
  const url = `https://127.0.0.1:${options.port}`;
  return {
    name: 'kube-apiserver',
    command: options.program,
    args: [
      ...['--etcd-servers', options.etcd],
      ...['--bind-address', '127.0.0.1', '--advertise-address', '127.0.0.1', '--secure-port', String(options.port)],
      // With another reconciler type the API server would publish its loopback address as an EndpointSlice, which is
      // not allowed
      ...['--endpoint-reconciler-type', 'none', '--cert-dir', options.folder, '--token-auth-file', at('tokens.csv')],
      ...['--service-account-issuer', url, '--service-account-key-file', at('service-account.pem')],
      ...['--service-account-signing-key-file', at('service-account.pem'), '--service-cluster-ip-range', '10.0.0.0/24'],
      // No controller creates ServiceAccounts here, so the admission plugin `ServiceAccount` would refuse every Pod
      ...['--authorization-mode', 'RBAC', '--disable-admission-plugins', 'ServiceAccount', '--profiling=false'],
    ],
    environment: { ...options.environment, GOGC: '400' },
    prepare: () => prepareCredentials(options),
    ready: async () => {
      if (!existsSync(at('apiserver.crt'))) return false;
      const ca = readFileSync(at('apiserver.crt'), 'utf8');
      const ready = await httpAnswers(`${url}/readyz`, { ca, token: readTokens(at('tokens.csv')).get(ADMIN) });
      if (ready) writeKubeconfigs(options, url);
      return ready;
    },
    graceMs: 15_000,
  };
}

function prepareCredentials({ folder, users }: ApiServerOptions): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const key = join(folder, 'service-account.pem');
  if (!existsSync(key)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    writeFileSync(key, privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });
  }
  writeTokens(join(folder, 'tokens.csv'), users);
  removeOldCertificate(join(folder, 'apiserver.crt'), join(folder, 'apiserver.key'));
}

/** Writes one line per user, `token,user,uid,"groups"`. Users of an earlier run keep their tokens. */
function writeTokens(file: string, users: readonly ApiUser[]): void {
  const known = readTokens(file);
  const lines = users.map(({ name, user, groups }) => {
    const token = known.get(name) ?? randomBytes(24).toString('base64url');
    return `${token},${user},${name},"${groups.join(',')}"`;
  });
  writeWhenChanged(file, `${lines.join('\n')}\n`);
}

/** Returns the tokens, keyed by the `name` of their user. */
function readTokens(file: string): Map<string, string> {
  if (!existsSync(file)) return new Map();
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(','));
  return new Map(rows.flatMap(([token, , name]) => (token && name ? [[name, token]] : [])));
}

function removeOldCertificate(certificate: string, key: string): void {
  if (!existsSync(certificate) || Date.now() - statSync(certificate).mtimeMs < CERTIFICATE_DAYS * DAY_MS) return;
  rmSync(certificate);
  rmSync(key, { force: true });
}

function writeKubeconfigs(options: ApiServerOptions, server: string): void {
  const ca = readFileSync(join(options.folder, 'apiserver.crt')).toString('base64');
  const tokens = readTokens(join(options.folder, 'tokens.csv'));
  for (const { name, kubeconfig } of options.users) {
    writeWhenChanged(tokenFile(options.folder, name), tokens.get(name) ?? '');
    const document = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'local', cluster: { server, 'certificate-authority-data': ca } }],
      users: [{ name, user: { token: tokens.get(name) } }],
      contexts: [{ name: 'local', context: { cluster: 'local', user: name } }],
      'current-context': 'local',
    };
    writeWhenChanged(kubeconfig, stringify(document));
  }
}

function writeWhenChanged(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  writeFileSync(file, text, { mode: 0o600 });
}

/** Returns the path of the file that contains only a user's token, for programs that do not read a kubeconfig. */
export function tokenFile(folder: string, name: string): string {
  return join(folder, `${name}.token`);
}

/** Returns the path of the CA file for the API server's certificate, which is self-signed. */
export function caFile(folder: string): string {
  return join(folder, 'apiserver.crt');
}

const ADMIN = 'admin';

/**
 * Lists the users of a local API server. The admin may do everything; every other user has only the permissions of its
 * RBAC roles.
 */
export function listApiUsers(folder: string): ApiUser[] {
  const account = (namespace: string, name: string): ApiUser => ({
    name,
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: [],
    kubeconfig: join(folder, `kubeconfig-${name}`),
  });
  return [
    { name: ADMIN, user: ADMIN, groups: ['system:masters'], kubeconfig: join(folder, 'kubeconfig') },
    account('trading-platform', 'controller'),
    account('monitoring', 'prometheus-operator'),
    account('monitoring', 'prometheus'),
    account('monitoring', 'prometheus-config-sync'),
  ];
}
