import { connect, type Socket } from 'node:net';
import type { Heal } from './heal.ts';

const AGAIN_MS = 100;

/**
 * Holds so many connections open and says nothing on them: a server that takes no more lets everybody else wait. One that the
 * server closes, or has no room for, is opened again.
 */
export function useUpConnections(address: string, count: number): Heal {
  const { hostname, port } = new URL(address);
  const sockets = new Set<Socket>();
  let healed = false;
  function open(): void {
    if (healed) return;
    const socket = connect(Number(port), hostname);
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      setTimeout(open, AGAIN_MS);
    });
  }
  for (let opened = 0; opened < count; opened += 1) open();
  return async () => {
    healed = true;
    for (const socket of sockets) socket.destroy();
  };
}
