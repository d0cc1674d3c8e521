import { parts } from '#local/parts/index.ts';
import { type ProvisionPart, startProvisioning } from '#local/provision/provision.ts';
import { buildConsoleReport } from '#local/provision/step-log.ts';

/** The parts as `make up` has them: from the cache, or got now, with its progress on the console. */
export const provisionForTests: ProvisionPart = startProvisioning({
  report: buildConsoleReport((line) => process.stderr.write(`${line}\n`)),
});

/** promtool of the Prometheus that the platform runs on. */
export async function promtoolPath(): Promise<string> {
  return (await provisionForTests(parts.prometheus)).files.promtool;
}
