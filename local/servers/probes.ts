import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';

const PROBE_TIMEOUT_MS = 2_000;

interface HttpProbe {
  readonly ca?: string;
  readonly token?: string;
  /** Path of a socket to connect to instead of the host of the URL. */
  readonly socketPath?: string;
}

/** Whether a GET request to the URL gets a 2xx response. */
export function httpAnswers(url: string, options: HttpProbe = {}): Promise<boolean> {
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  const headers = options.token ? { authorization: `Bearer ${options.token}` } : {};
  return new Promise((resolve) => {
    const request = send(
      url,
      { ca: options.ca, socketPath: options.socketPath, headers, timeout: PROBE_TIMEOUT_MS, agent: false },
      (response) => {
        response.resume();
        resolve((response.statusCode ?? 500) < 300);
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
    request.end();
  });
}

/** Whether a server on the port replies to a message of its own protocol. The content of the reply does not matter. */
export function portAnswers(port: number, message: Buffer | string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => end(false));
    socket.on('connect', () => socket.write(message));
    socket.on('data', () => end(true));
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
  });
}

/** Whether a port of this machine accepts connections. */
export function portOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_TIMEOUT_MS, () => end(false));
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
  });
}
