/**
 * Loaded into a measured process by `node --import`. For each message from the parent process, this module runs the garbage
 * collector and sends back the bytes in use: heap plus external memory.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
process.on('message', () => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.(heapUsed + external);
});
process.channel?.unref();
