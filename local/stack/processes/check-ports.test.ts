import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { findFreePort } from '../../servers/free-port.ts';
import { planPorts } from '../ports.ts';
import { findPortOwner, needFreePorts } from './check-ports.ts';

describe('needFreePorts', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());
  const listen = async (port: number) => {
    server = createServer();
    await new Promise<void>((resolve) => server!.listen(port, '127.0.0.1', resolve));
  };

  it('names the port in use, its purpose, its owner, and the variable that changes it', async () => {
    const port = await findFreePort();
    await listen(port);
    const ports = { ...planPorts({}), PROMETHEUS: port };
    const asked = needFreePorts(ports, ['PROMETHEUS']);
    await expect(asked).rejects.toThrow(`${port}, for Prometheus, by pid ${process.pid}: `);
    await expect(asked).rejects.toThrow(/PORT_PROMETHEUS=\d+/);
  });

  it('accepts free ports', async () => {
    const port = await findFreePort();
    await expect(needFreePorts({ ...planPorts({}), API: port }, ['API'])).resolves.toBeUndefined();
    expect(findPortOwner(port)).toBeUndefined();
  });
});
