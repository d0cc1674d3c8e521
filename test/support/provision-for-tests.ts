import { parts } from '#local/parts/index.ts';
import { type ProvisionPart, startProvisioning } from '#local/provision/provision.ts';
import { buildConsoleReport } from '#local/provision/step-log.ts';

/** Provides parts as `make up` does: from the cache, or downloaded now with the progress on the console. */
export const provisionForTests: ProvisionPart = startProvisioning({
  report: buildConsoleReport((line) => process.stderr.write(`${line}\n`)),
});

/** Returns the path of promtool, of the Prometheus version that the platform uses. */
export async function promtoolPath(): Promise<string> {
  return (await provisionForTests(parts.prometheus)).files.promtool;
}
