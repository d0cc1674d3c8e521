import type { StackUnderTest } from '../observe/stack-under-test.ts';
import type { Heal } from './heal.ts';
import { restartWith } from './stop-process.ts';

/** The service runs with so much memory that it never gives back; only the service, not the command that starts it. */
export function leakMemory(stack: StackUnderTest, service: string, bytes: number): Promise<Heal> {
  const leak = `if (process.argv[1]?.includes('services/${service}')) globalThis.leak = Buffer.alloc(${bytes}, 1);`;
  const module = `data:text/javascript,${encodeURIComponent(leak)}`;
  return restartWith(stack, service, { NODE_OPTIONS: `--import=${module}` });
}
