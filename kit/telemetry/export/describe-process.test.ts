import { describe, expect, it } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { describeProcess } from './describe-process.ts';

describe('describeProcess', () => {
  it('has name, namespace and version of the service', () => {
    expect(describeProcess('backend', {}).resource.attributes).toEqual({
      'service.name': 'backend',
      'service.namespace': 'trading-platform',
      'service.version': packageJson.version,
    });
  });

  it('keeps every good pair beside a bad one, and names the bad ones without their values', () => {
    const OTEL_RESOURCE_ATTRIBUTES =
      'deployment.environment.name=prod,hunter2, team = risk%2Cdesk ,=hunter2,rate=100%hunter2,url=http://a?b=c,' +
      `long=hunter2${'x'.repeat(300)},`;
    const { resource, leftOut } = describeProcess('backend', { OTEL_RESOURCE_ATTRIBUTES });
    expect(resource.attributes).toMatchObject({
      'deployment.environment.name': 'prod',
      team: 'risk,desk',
      url: 'http://a?b=c',
    });
    expect(leftOut).toEqual([
      { attribute: 'pair 2', reason: 'expected name=value; write a comma in a value as %2C' },
      { attribute: 'pair 4', reason: 'expected a name before the =' },
      { attribute: 'rate', reason: 'a % is not followed by two hexadecimal digits; write it as %25' },
      { attribute: 'long', reason: 'expected at most 255 characters' },
    ]);
    expect(JSON.stringify([resource.attributes, leftOut])).not.toContain('hunter2');
  });

  it("lets the user's attributes and OTEL_SERVICE_NAME go before our own", () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,service.version=2', OTEL_SERVICE_NAME: 'b' };
    expect(describeProcess('backend', env).resource.attributes).toMatchObject({
      'service.name': 'b',
      'service.version': '2',
    });
  });
});
