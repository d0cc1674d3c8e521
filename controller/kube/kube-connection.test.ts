import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { readCurrentNamespace, readKubeConnection } from './kube-connection.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-connection-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => void vi.unstubAllEnvs());

const base64 = (text: string) => Buffer.from(text).toString('base64');

function write(name: string, cluster: object, user: object, more: object = {}): string {
  const file = join(folder, name);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'one', user: 'me' } }],
    clusters: [{ name: 'one', cluster: { server: 'https://127.0.0.1:6443', ...cluster } }],
    users: [{ name: 'me', user }],
    ...more,
  };
  writeFileSync(file, stringify(config));
  return file;
}

/** Returns the request options that the client library (@kubernetes/client-node) reads from a kubeconfig file. */
async function byLibrary(file: string): Promise<RequestOptions> {
  const config = new KubeConfig();
  config.loadFromFile(file);
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  return options;
}

const text = (value: unknown) => (value === undefined ? undefined : String(value));

mkdirSync(join(folder, 'pki'));
for (const name of ['ca.crt', 'me.crt', 'me.key']) writeFileSync(join(folder, 'pki', name), `the ${name}`);

describe('readKubeConnection', () => {
  it.each<readonly [what: string, cluster: object, user: object]>([
    [
      'data',
      { 'certificate-authority-data': base64('ca') },
      { 'client-certificate-data': base64('crt'), 'client-key-data': base64('key') },
    ],
    [
      'files beside it',
      { 'certificate-authority': 'pki/ca.crt', 'tls-server-name': 'api.example' },
      { 'client-certificate': 'pki/me.crt', 'client-key': 'pki/me.key' },
    ],
    ['a token', { 'certificate-authority-data': base64('ca') }, { token: 'secret' }],
    [
      'a password, without verifying the server',
      { 'insecure-skip-tls-verify': true },
      { username: 'me', password: 'secret' },
    ],
  ])('reads %s as the client library does', async (what, cluster, user) => {
    const file = write(`${what}.yaml`, cluster, user);
    const { tls, headers, auth } = await readKubeConnection(file).credentials();
    const expected = await byLibrary(file);
    for (const name of ['ca', 'cert', 'key', 'servername'] as const)
      expect([name, text(tls[name])]).toEqual([name, text(expected[name])]);
    expect(tls.rejectUnauthorized ?? true).toBe(expected.rejectUnauthorized ?? true);
    expect(headers.Authorization).toBe((expected.headers as Record<string, string> | undefined)?.Authorization);
    expect(auth).toBe(expected.auth ?? undefined);
  });

  it('leaves a login plugin to the client library', async () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: join(folder, 'no-such-plugin') };
    const source = readKubeConnection(write('exec.yaml', {}, { exec }));
    await expect(source.credentials()).rejects.toThrow('no-such-plugin');
  });

  it('takes an entry from the first of several files that contains the entry', () => {
    const first = write('first.yaml', { server: 'https://127.0.0.1:1' }, { token: 'a' });
    const second = write('second.yaml', { server: 'https://127.0.0.1:2' }, { token: 'b' });
    vi.stubEnv('KUBECONFIG', [first, second].join(delimiter));
    expect(readKubeConnection().server.origin).toBe('https://127.0.0.1:1');
  });

  it('asks for another current-context if the current one names no cluster', () => {
    const file = write('nowhere.yaml', {}, {}, { 'current-context': 'gone' });
    expect(() => readKubeConnection(file)).toThrow('set current-context');
  });

  it('reads the namespace of the current context, if there is one', async () => {
    const context = { cluster: 'one', user: 'me', namespace: 'desk' };
    const file = write('namespace.yaml', {}, {}, { contexts: [{ name: 'here', context }] });
    expect(await readCurrentNamespace(file)).toBe('desk');
    expect(await readCurrentNamespace(write('none.yaml', {}, {}))).toBeUndefined();
    expect(await readCurrentNamespace(join(folder, 'no-such-file.yaml'))).toBeUndefined();
  });
});
