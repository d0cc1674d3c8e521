#!/usr/bin/env node
/** `tradingpipeline`: see docs/cli.md. */
import http from 'node:http';
import { openCommandIo } from './command-io.ts';
import { runCli } from './run-cli.ts';

// a corporate proxy is for the world outside; what runs here is reached without it. Node has this since 24.14
const noProxy = [process.env.NO_PROXY ?? process.env.no_proxy, '127.0.0.1', 'localhost'].filter(Boolean).join(',');
http.setGlobalProxyFromEnv?.({ ...process.env, no_proxy: noProxy, NO_PROXY: noProxy });

// `… | head` has read enough
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

process.exitCode = await runCli(process.argv.slice(2), openCommandIo());
