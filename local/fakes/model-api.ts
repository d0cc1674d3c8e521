import process from 'node:process';
import { startFakeModelApi } from './model-api-server.ts';

/** Runs the fake model API as a process of the stack. `make up` starts it, so that agents get responses and costs are visible. */
const api = await startFakeModelApi({ port: Number(process.env.PORT) });
console.log(
  `FAKE model API is listening at ${api.url}: no language model, always the same answers. To use a real one, set MODEL_API_URL, MODEL_API_KEY and MODEL_NAME`,
);
process.once('SIGTERM', () => void api.stop());
