import process from 'node:process';
import { startFakeModelApi } from './model-api-server.ts';

/** The fake model API as a process of the stack: `make up` starts it, so that there is something to ask, and a cost to see. */
const api = await startFakeModelApi({ port: Number(process.env.PORT) });
console.log(
  `a FAKE model API answers at ${api.url}: no language model, always the same answers. MODEL_API_URL, MODEL_API_KEY and MODEL_NAME give the workers a real one`,
);
process.once('SIGTERM', () => void api.stop());
