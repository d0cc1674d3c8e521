import { runProcess } from '#kit/run-process.ts';
import { workerConfigSchema } from './config.ts';
import { startWorker } from './start-worker.ts';

await runProcess('celery-worker', workerConfigSchema, async ({ config, log, instruments, ops }) => {
  const worker = startWorker({ config, log, instruments, clock: () => new Date() });
  for (const [name, check] of Object.entries(worker.checks)) ops.addCheck(name, check);
  return () => worker.stop();
});
