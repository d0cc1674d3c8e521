import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openStack } from './open-stack.ts';
import { statePaths } from './state.ts';

const folder = mkdtempSync(join(tmpdir(), 'trading-platform-open-stack-'));

afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('opens a stack that an earlier version created, whose settings lack the passwords that were added since', () => {
  const paths = statePaths({ TRADING_PLATFORM_STATE: folder });
  mkdirSync(dirname(paths.settings), { recursive: true });
  writeFileSync(paths.settings, JSON.stringify({ ports: { API: 8000 }, postgresPassword: 'known' }));
  const settings = openStack(paths)?.settings;
  expect(settings).toMatchObject({ ports: { API: 8000 }, postgresPassword: 'known' });
  expect(settings?.servicePasswords.backend).toMatch(/^[0-9a-f]{24}$/);
  expect(settings?.redisPassword).toMatch(/^[0-9a-f]{24}$/);
});
