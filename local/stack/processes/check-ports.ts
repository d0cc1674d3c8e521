import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isFree } from '../../servers/free-port.ts';
import { type PortName, type Ports, portTable, portVariable } from '../ports.ts';

/** Thrown if other processes use ports of the stack. The message names each port, its owner, and the variable that changes it. */
export class PortsTaken extends Error {}

/** @throws PortsTaken if any of the named ports is in use */
export async function needFreePorts(ports: Ports, names: readonly PortName[]): Promise<void> {
  const free = await Promise.all(names.map((name) => isFree(ports[name])));
  const taken = names.filter((_, index) => !free[index]);
  if (taken.length === 0) return;
  const lines = taken.map((name) => describeTaken(name, ports[name]));
  const rest = taken.length > 1 ? '\n  PORT_OFFSET=1000 changes all ports at once.' : '';
  throw new PortsTaken(`other processes use ports of the stack:\n${lines.join('\n')}${rest}`);
}

function describeTaken(name: PortName, port: number): string {
  const other = port + 10_000 > 65_535 ? port - 1_000 : port + 10_000;
  const remedy = `stop that process, or choose another port: ${portVariable(name)}=${other}`;
  return `  ${port}, for ${portTable[name].use}, by ${describeOwner(port)}\n      ${remedy}`;
}

/** Describes the process that listens on a port, for messages: `pid 7: node main.ts`. */
export function describeOwner(port: number): string {
  const owner = findPortOwner(port);
  return owner ? `pid ${owner.pid}: ${owner.command.slice(0, 120)}` : 'a process of another user';
}

interface PortOwner {
  readonly pid: number;
  readonly command: string;
}

/**
 * Finds the process that listens on a port of this machine. Returns undefined if the process belongs to another user, because
 * only root can see it.
 */
export function findPortOwner(port: number): PortOwner | undefined {
  return process.platform === 'linux' ? findOnLinux(port) : findWithLsof(port);
}

/** The state LISTEN in /proc/net/tcp. */
const LISTEN = '0A';

function findOnLinux(port: number): PortOwner | undefined {
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listListeners(table, port));
  if (inodes.length === 0) return undefined;
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && holdsSocket(name, sockets));
  return pid ? { pid: Number(pid), command: readCommand(pid) } : undefined;
}

function listListeners(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = readText(table)
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  return rows.flatMap((row) => (row[1]?.endsWith(`:${hex}`) && row[3] === LISTEN && row[9] ? [row[9]] : []));
}

function holdsSocket(pid: string, sockets: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.has(readLink(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readCommand(pid: string): string {
  return readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

function findWithLsof(port: number): PortOwner | undefined {
  try {
    const output = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], { encoding: 'utf8' });
    const pid = /^p(\d+)/m.exec(output)?.[1];
    return pid ? { pid: Number(pid), command: /^c(.+)/m.exec(output)?.[1] ?? '' } : undefined;
  } catch {
    return undefined;
  }
}
