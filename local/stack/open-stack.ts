import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { startProvisioning } from '../provision/provision.ts';
import { type Report, silent } from '../provision/step-log.ts';
import { planPorts, portNames, portVariable } from './ports.ts';
import { isRunning, listProcesses } from './processes/process-table.ts';
import type { StackContext } from './stack-context.ts';
import { readSettings, type Settings, type StatePaths, writeSettings } from './state.ts';

/** The command cannot be done as things are; the message says what to do. */
export class StackError extends Error {}

/** The stack for `up`: its settings are made, or taken over from an earlier one, and written down. */
export function openStackToStart(paths: StatePaths, report: Report): StackContext {
  needOwnFolder(paths);
  const known = readSettings(paths);
  const ports = planPorts(process.env, known?.ports);
  if (known) needSamePorts(paths, known, ports);
  const secret = () => randomBytes(12).toString('hex');
  const settings: Settings = {
    ports,
    postgresPassword: known?.postgresPassword ?? secret(),
    grafanaPassword: known?.grafanaPassword ?? secret(),
    pipelinesApiToken: known?.pipelinesApiToken ?? secret(),
  };
  writeSettings(paths, settings);
  return { paths, settings, provision: startProvisioning({ report }) };
}

/** The stack for every other command, or undefined when there never was one. */
export function openStack(paths: StatePaths, report: Report = silent): StackContext | undefined {
  const settings = readSettings(paths);
  return settings && { paths, settings, provision: startProvisioning({ report }) };
}

/** `clean` removes the folder: it must be ours from the start. */
function needOwnFolder({ root, settings }: StatePaths): void {
  if (!process.env.TRADING_PLATFORM_STATE || !existsSync(root) || existsSync(settings)) return;
  // the lock is made before this is asked
  const foreign = readdirSync(root).filter((name) => !name.startsWith('lock'));
  if (foreign.length === 0) return;
  throw new StackError(`${root} holds files of others (${foreign[0]}): set TRADING_PLATFORM_STATE to an empty folder`);
}

function needSamePorts(paths: StatePaths, { ports: known }: Settings, wanted: Settings['ports']): void {
  const moved = portNames.find((name) => known[name] !== wanted[name]);
  if (!moved || !listProcesses(paths.processes).some(isRunning)) return;
  const change = `${portVariable(moved)} is ${known[moved]} and would become ${wanted[moved]}`;
  throw new StackError(`the stack runs on other ports (${change}): make down first`);
}
