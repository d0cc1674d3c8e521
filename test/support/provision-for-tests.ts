import { parts } from '#local/parts/index.ts';
import { type ProvisionPart, startProvisioning } from '#local/provision/provision.ts';
import { buildConsoleReport } from '#local/provision/step-log.ts';

/** Provides the programs that tests need, as `make up` does: from the cache, or by a download whose progress is printed. */
export const provisionForTests: ProvisionPart = startProvisioning({
  report: buildConsoleReport((line) => process.stderr.write(`${line}\n`)),
});

/** Returns the path of the promtool that belongs to the Prometheus version of the platform. */
export async function promtoolPath(): Promise<string> {
  return (await provisionForTests(parts.prometheus)).files.promtool;
}
