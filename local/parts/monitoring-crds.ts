import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { downloadFile } from '../provision/download.ts';
import { goModule } from '../provision/from-go.ts';
import { NotHad, type Part, type Source } from '../provision/part.ts';
import { needExecutable, runCommand } from '../provision/run-command.ts';

export const prometheusOperatorVersion = '0.85.0';
const module = 'github.com/prometheus-operator/prometheus-operator';
const folder = 'example/prometheus-operator-crd';

/**
 * SHA-256 of the file of each CRD, keyed by the CRD's plural, for version `prometheusOperatorVersion` of
 * prometheus-operator. The repository and the Go module of prometheus-operator contain the same files.
 */
const sums: Readonly<Record<string, string>> = {
  alertmanagerconfigs: '7e34fd1f9abf3a2756eb53895f1ca6b291ce3cac929152c9e3919d8d7fb85ccf',
  alertmanagers: '5a7bdf7900fd58053f3403abc9daaa301a90cd8dd1bbdf1362788704a87d04a4',
  podmonitors: '8ce88c52c51209993511cae093089c9525f5552def88119e3f559123ee9d454b',
  probes: '97e6e59020feb71055628ac40b14f817662bb98ca720f19a45e85ac009081cc8',
  prometheusagents: '931e7775e4859838075908b57c3ec90de57083acf7d7a8dcc8e644f7cb865113',
  prometheuses: 'fac555882d18023e1fb5c318ecab8f6bbcc158c9fed6abef7800da84049cd221',
  prometheusrules: '98fd16c9ab79fba8dcd6ef62c957c98cd6546ab74ce0a4ecf09ddf2fda03020e',
  scrapeconfigs: '0764d343c780a2d19738aefc301ebb7a3d2f56283952bb3614b8ab1f1f4175ce',
  servicemonitors: '1dae27b7189b5ce7b9ab764656c18b4c75a45cde1e6f3af6a5e84c4317628919',
  thanosrulers: '2f5a7e920bd8244e5fe96c35a1fed66a26ae104ec503a50e32a866df49913c58',
};
const fileName = (plural: string) => `monitoring.coreos.com_${plural}.yaml`;

const fromRepository: Source<'crds'> = {
  kind: 'release',
  about: `files of v${prometheusOperatorVersion} from raw.githubusercontent.com`,
  host: 'raw.githubusercontent.com',
  async get(step) {
    mkdirSync(join(step.folder, 'crds'));
    for (const [plural, hex] of Object.entries(sums)) {
      const path = `prometheus-operator/prometheus-operator/v${prometheusOperatorVersion}/${folder}/${fileName(plural)}`;
      const url = `https://raw.githubusercontent.com/${path}`;
      await downloadFile(url, join(step.folder, 'crds', fileName(plural)), { algorithm: 'sha256', hex }, step.log);
    }
    return { version: prometheusOperatorVersion, files: { crds: 'crds' } };
  },
};

const fromGoModule: Source<'crds'> = {
  kind: 'go',
  about: `Go module of v${prometheusOperatorVersion}`,
  async get(step) {
    const go = needExecutable('go', 'https://go.dev/dl');
    const sources = join(step.folder, 'src');
    cpSync(goModule('prometheus-operator'), sources, { recursive: true });
    const output = await runCommand(go, ['mod', 'download', '-json', `${module}@v${prometheusOperatorVersion}`], {
      cwd: sources,
      environment: { GOWORK: 'off' },
      log: step.log,
    });
    const { Dir } = JSON.parse(output) as { Dir: string };
    mkdirSync(join(step.folder, 'crds'));
    for (const [plural, hex] of Object.entries(sums)) {
      const file = join(Dir, folder, fileName(plural));
      needSum(file, hex);
      cpSync(file, join(step.folder, 'crds', fileName(plural)));
    }
    return { version: prometheusOperatorVersion, files: { crds: 'crds' } };
  },
};

function needSum(file: string, hex: string): void {
  const actual = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (actual !== hex) throw new NotHad(`${file}: expected the sha256 ${hex}, got ${actual}: not used`);
}

/** The CRDs of monitoring.coreos.com, such as ServiceMonitor, PrometheusRule and Prometheus. */
export const monitoringCrds: Part<'crds'> = {
  name: 'monitoring-crds',
  version: prometheusOperatorVersion,
  files: ['crds'],
  sources: [fromRepository, fromGoModule],
};
