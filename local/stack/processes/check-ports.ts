import { isFree } from '../../servers/free-port.ts';
import { findPortOwner } from './port-owner.ts';
import { type PortName, type Ports, portTable, portVariable } from '../ports.ts';

/** A port is taken by someone else. The message names each, by whom, and the variable that moves it. */
export class PortsTaken extends Error {}

export async function needFreePorts(ports: Ports, names: readonly PortName[]): Promise<void> {
  const free = await Promise.all(names.map((name) => isFree(ports[name])));
  const taken = names.filter((_, index) => !free[index]);
  if (taken.length === 0) return;
  const lines = taken.map((name) => describeTaken(name, ports[name]));
  const rest = taken.length > 1 ? '\n  PORT_OFFSET=1000 moves all of them.' : '';
  throw new PortsTaken(`ports that the stack needs are taken:\n${lines.join('\n')}${rest}`);
}

function describeTaken(name: PortName, port: number): string {
  const owner = findPortOwner(port);
  const who = owner ? `pid ${owner.pid}: ${owner.command.slice(0, 120)}` : 'a process of another user';
  const remedy = `end it, or choose another: ${portVariable(name)}=${port + 10_000 > 65_535 ? port - 1_000 : port + 10_000}`;
  return `  ${port}, for ${portTable[name].use}, by ${who}\n      ${remedy}`;
}
