import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const config = 'scrape_configs: [{job_name: any, kubernetes_sd_configs: [{role: endpointslice}]}]\n';

/** Whether a build of Prometheus knows Kubernetes: Debian's does not. Its promtool is asked. */
export async function discoversKubernetes(promtool: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'trading-platform-promtool-'));
  const file = join(folder, 'prometheus.yaml');
  try {
    writeFileSync(file, config);
    await promisify(execFile)(promtool, ['check', 'config', '--syntax-only', file]);
    return true;
  } catch (error) {
    // anything but its own refusal of that field is a defect
    const said = `${(error as { stderr?: string }).stderr}${(error as { stdout?: string }).stdout}`;
    if (!said.includes('kubernetes_sd_configs not found')) throw error;
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
