import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NotHad, type Part, type Source, type Step } from './part.ts';
import { buildLimit, startProvisioning } from './provision.ts';

describe('startProvisioning', () => {
  let root: string;
  let reports: string[];
  const report = (part: string, text: string) => reports.push(`${part}: ${text}`);
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'trading-platform-cache-'));
    reports = [];
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const refuses = (kind: Source['kind'], reason: string): Source<'tool'> => ({
    kind,
    about: `the ${kind} way`,
    get: async () => {
      throw new NotHad(reason);
    },
  });
  const gives = (kind: Source['kind'], before?: (step: Step) => void): Source<'tool'> => ({
    kind,
    about: `the ${kind} way`,
    get: async (step) => {
      before?.(step);
      writeFileSync(join(step.folder, 'tool'), 'program');
      return { version: '1.2.3', files: { tool: 'tool' } };
    },
  });
  const partOf = (...sources: Source<'tool'>[]): Part<'tool'> => ({
    name: 'tool',
    version: '1',
    files: ['tool'],
    sources,
  });

  it('takes the first source that works and reports why the earlier ones did not', async () => {
    const part = partOf(
      refuses('installed', 'not on PATH'),
      refuses('release', 'no network'),
      gives('debian'),
      gives('go'),
    );
    const had = await startProvisioning({ report, root })(part);
    expect(had).toMatchObject({ version: '1.2.3', kind: 'debian' });
    expect(existsSync(had.files.tool)).toBe(true);
    expect(reports).toContain('tool: the release way: no network');
  });

  it('tries no source for a part that is in the cache', async () => {
    let gets = 0;
    const part = partOf(gives('go', () => gets++));
    await startProvisioning({ report, root })(part);
    const again = await startProvisioning({ report, root })(part);
    expect(gets).toBe(1);
    expect(again).toMatchObject({ version: '1.2.3', kind: 'go' });
  });

  it('gets a cached part again if one of its files is missing', async () => {
    let gets = 0;
    const part = partOf(gives('go', () => gets++));
    const first = await startProvisioning({ report, root })(part);
    rmSync(first.files.tool);
    await startProvisioning({ report, root })(part);
    expect(gets).toBe(2);
  });

  it('gets a part once for two callers at the same time', async () => {
    let gets = 0;
    const part = partOf(gives('go', () => gets++));
    await Promise.all([startProvisioning({ report, root })(part), startProvisioning({ report, root })(part)]);
    expect(gets).toBe(1);
  });

  it('names every source with its reason if none works, and leaves no unfinished folders', async () => {
    const breaksOff = gives('go', ({ folder }) => {
      writeFileSync(join(folder, 'half'), '');
      throw new NotHad('the build failed');
    });
    const part = partOf(refuses('release', 'no network'), breaksOff);
    const provisioning = startProvisioning({ report, root })(part);
    await expect(provisioning).rejects.toThrow(
      /the release way: no network\n[\s\S]*the go way: the build failed\n.*log: .*tool-go\.log/,
    );
    expect(existsSync(join(root, 'tool'))).toBe(false);
    expect(readdirSync(join(root, 'staging'))).toEqual([]);
  });

  it('rethrows a defect in a source, instead of trying the next source', async () => {
    const broken: Source<'tool'> = {
      ...gives('release'),
      get: async () => {
        throw new TypeError('a defect');
      },
    };
    await expect(startProvisioning({ report, root })(partOf(broken, gives('go')))).rejects.toThrow(TypeError);
  });

  it('names the variable to set if the cache is not writable', async () => {
    writeFileSync(join(root, 'file'), '');
    const provisioning = startProvisioning({ report, root: join(root, 'file') })(partOf(gives('go')));
    await expect(provisioning).rejects.toThrow('set TRADING_PLATFORM_CACHE');
  });
});

it('the limit runs at most the given number of tasks at once, and continues after a failure', async () => {
  const limit = buildLimit(2);
  let running = 0;
  let most = 0;
  const work = async (fails: boolean) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    if (fails) throw new Error('failed');
    return 'done';
  };
  const results = await Promise.allSettled([true, false, true, false, false].map((fails) => limit(() => work(fails))));
  expect(most).toBe(2);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
});
