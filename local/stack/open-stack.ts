import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { startProvisioning } from '../provision/provision.ts';
import { type Report, silent } from '../provision/step-log.ts';
import { planPorts, portNames, portVariable } from './ports.ts';
import { isRunning, listProcesses } from './processes/process-table.ts';
import type { StackContext } from './stack-context.ts';
import { readSettings, type Settings, type StatePaths, writeSettings } from './state.ts';

/** Thrown if a stack command cannot run in the present state; the message says what to do. */
export class StackError extends Error {}

/** Opens the stack for `up`: creates its settings, or adopts those of an earlier `up`, and writes them to disk. */
export function openStackToStart(paths: StatePaths, report: Report): StackContext {
  needOwnFolder(paths);
  const known = readSettings(paths);
  const ports = planPorts(process.env, known?.ports);
  if (known) needSamePorts(paths, known, ports);
  const settings = completeSettings(ports, known);
  writeSettings(paths, settings);
  return { paths, settings, provision: startProvisioning({ report }) };
}

/** Opens the stack for a command other than `up`. Returns undefined if no `up` has created the stack. */
export function openStack(paths: StatePaths, report: Report = silent): StackContext | undefined {
  const known = readSettings(paths);
  return known && { paths, settings: completeSettings(known.ports, known), provision: startProvisioning({ report }) };
}

/** Adds the secrets that settings lack. Those of an earlier version lack the secrets that were added since. */
function completeSettings(ports: Settings['ports'], known: Partial<Settings> = {}): Settings {
  const secret = () => randomBytes(12).toString('hex');
  return {
    ports,
    postgresPassword: known.postgresPassword ?? secret(),
    servicePasswords: known.servicePasswords ?? {
      backend: secret(),
      'celery-worker': secret(),
      'trigger-dispatcher': secret(),
    },
    redisPassword: known.redisPassword ?? secret(),
    kafkaPassword: known.kafkaPassword ?? secret(),
    grafanaPassword: known.grafanaPassword ?? secret(),
    pipelinesApiToken: known.pipelinesApiToken ?? secret(),
  };
}

/** Refuses a folder with foreign files, because `clean` removes the whole folder. */
function needOwnFolder({ root, settings }: StatePaths): void {
  if (!process.env.TRADING_PLATFORM_STATE || !existsSync(root) || existsSync(settings)) return;
  // The lock file is the stack's own: `up` creates it before it opens the stack
  const foreign = readdirSync(root).filter((name) => !name.startsWith('lock'));
  if (foreign.length === 0) return;
  throw new StackError(`TRADING_PLATFORM_STATE: expected an empty folder, but ${root} contains ${foreign[0]}`);
}

function needSamePorts(paths: StatePaths, { ports: known }: Settings, wanted: Settings['ports']): void {
  const moved = portNames.find((name) => known[name] !== wanted[name]);
  if (!moved || !listProcesses(paths.processes).some(isRunning)) return;
  const change = `${portVariable(moved)} is ${known[moved]} and would become ${wanted[moved]}`;
  throw new StackError(`the stack already runs on other ports (${change}): run make down first`);
}
