import { connect, type Socket } from 'node:net';
import type { Heal } from './heal.ts';

/** Opens so many connections and says nothing on them: a server that takes no more lets everybody else wait. */
export async function useUpConnections(address: string, count: number): Promise<Heal> {
  const { hostname, port } = new URL(address);
  const sockets: Socket[] = [];
  for (let opened = 0; opened < count; opened += 1) {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    sockets.push(socket);
  }
  return async () => {
    for (const socket of sockets) socket.destroy();
  };
}
