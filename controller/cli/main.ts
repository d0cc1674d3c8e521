#!/usr/bin/env node
/** The entry of the command line `tradingpipeline`, which docs/cli.md describes. */
import './old-node.ts';
import http from 'node:http';
import { openCommandIo } from './command-io.ts';
import { runCli } from './run-cli.ts';

// Use the proxy of the environment, but never for this machine. setGlobalProxyFromEnv exists since Node 24.14
const noProxy = [process.env.NO_PROXY ?? process.env.no_proxy, '127.0.0.1', 'localhost'].filter(Boolean).join(',');
http.setGlobalProxyFromEnv?.({ ...process.env, no_proxy: noProxy, NO_PROXY: noProxy });

// A reader such as `head` may close the pipe early; that is no error
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

process.exitCode = await runCli(process.argv.slice(2), openCommandIo());
