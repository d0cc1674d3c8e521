import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chartFolder } from '#tools/chart/stage-chart.ts';
import { eventually } from '../support/eventually.ts';
import { type FakeAmp, startFakeAmp } from '../support/start-fake-amp.ts';
import { findPrometheus, preparePrometheus, type TestPrometheus } from '../support/start-prometheus.ts';

interface AwsValues {
  'kube-prometheus-stack': {
    prometheus: { prometheusSpec: { remoteWrite: { url: string; sigv4: { region: string } }[] } };
  };
}

const values = parse(readFileSync(join(chartFolder, 'values', 'aws.yaml'), 'utf8')) as AwsValues;
const [target] = values['kube-prometheus-stack'].prometheus.prometheusSpec.remoteWrite;
const account = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
/**
 * Debian builds Prometheus (`+ds`) without SigV4: it sends the samples unsigned, so there is nothing to judge. Name another with
 * PROMETHEUS_PROGRAM=file.
 */
const { files } = await findPrometheus();
const signs = !execFileSync(files.prometheus, ['--version'], { encoding: 'utf8' }).includes('+ds');
let amp: FakeAmp | undefined;
let prometheus: TestPrometheus | undefined;

afterEach(async () => {
  await prometheus?.stop();
  await amp?.stop();
});

/** Lets a real Prometheus write its own metrics to a fake AMP, with the settings of values/aws.yaml and these keys. */
async function write(secretKey: string, region = target!.sigv4.region): Promise<FakeAmp> {
  amp = await startFakeAmp({ region: target!.sigv4.region, ...account });
  prometheus = await preparePrometheus();
  await prometheus.configure({
    scrapeConfigs: [{ job_name: 'self', static_configs: [{ targets: [new URL(prometheus.url).host] }] }],
    ruleGroups: [],
    remoteWrite: [
      {
        url: `${amp.url}${new URL(target!.url).pathname}`,
        sigv4: { ...target!.sigv4, region, access_key: account.accessKeyId, secret_key: secretKey },
      },
    ],
  });
  await prometheus.start();
  return amp;
}

describe.skipIf(!signs)('remote write to Amazon Managed Prometheus, with values/aws.yaml', () => {
  it("has the signature that AWS's own signer makes", async () => {
    const { answers } = await write(account.secretAccessKey);
    await eventually(() => expect(answers.length).toBeGreaterThan(1), 30_000);
    expect(new Set(answers)).toEqual(new Set([200]));
  });

  it.each([
    ['another secret', 'wrong', undefined],
    ['another region', account.secretAccessKey, 'us-east-1'],
  ])('is refused with %s', async (_, secret, region) => {
    const { answers } = await write(secret, region);
    await eventually(() => expect(answers.length).toBeGreaterThan(0), 30_000);
    expect(new Set(answers)).toEqual(new Set([403]));
  });

  it('goes to the region that the address names', () => {
    expect(new URL(target!.url).hostname).toBe(`aps-workspaces.${target!.sigv4.region}.amazonaws.com`);
  });
});
