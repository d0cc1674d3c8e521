#!/usr/bin/env node
/**
 * The entry of `npx tradingpipeline` in a clone. It runs on any Node, also one that cannot read TypeScript: it finds or
 * brings a Node that is new enough (tools/with-node.sh) and installs the packages that are missing, then runs main.ts.
 */
'use strict';
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..', '..');
const main = path.join(__dirname, 'main.ts');
const withNode = path.join(root, 'tools', 'with-node.sh');
const [major, minor] = process.versions.node.split('.').map(Number);
const isRecent = major > 24 || (major === 24 && minor >= 12);

if (!existsSync(path.join(root, 'node_modules', '.package-lock.json'))) installPackages();
if (isRecent) import('./main.ts').catch(explain);
else process.exitCode = run(['node', main, ...process.argv.slice(2)]);

function installPackages() {
  console.error(`installing the packages of this clone into ${path.join(root, 'node_modules')}, once`);
  const code = run(['npm', 'ci', '--omit=dev', '--loglevel=error', '--prefix', root], ['ignore', 2, 2]);
  if (code !== 0) stop(`npm could not install the packages: run make setup in ${root} to see why`);
}

/** Runs a command with Node 24 first on PATH. Returns its exit code. */
function run(command, stdio = 'inherit') {
  if (process.platform === 'win32')
    stop(`tradingpipeline needs Node 24.12 or newer, this is ${process.version}: install it from https://nodejs.org`);
  const { status, error } = spawnSync('sh', [withNode, ...command], { stdio });
  if (error) stop(`cannot start sh: ${error.message}; install Node 24.12 or newer from https://nodejs.org`);
  return status === null ? 1 : status;
}

/** Names the remedy if a package is missing; every other error keeps its stack trace. */
function explain(error) {
  if (error.code === 'ERR_MODULE_NOT_FOUND') stop(`${error.message.split(' imported')[0]}: run make setup in ${root}`);
  throw error;
}

function stop(message) {
  console.error(message);
  process.exit(2);
}
