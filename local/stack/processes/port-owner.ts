import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface PortOwner {
  readonly pid: number;
  readonly command: string;
}

/** Who listens on a port of this machine, as far as we may see it: other users' processes show themselves to root only. */
export function findPortOwner(port: number): PortOwner | undefined {
  return process.platform === 'linux' ? findOnLinux(port) : findWithLsof(port);
}

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
