import { gunzipSync } from 'node:zlib';
import type { KubeObject } from '#controller/api/kube-object.ts';
import type { Discoverable } from './discover-targets.ts';
import { resolveDiscovery } from './resolve-discovery.ts';

/** Where prometheus-operator's configuration believes the rules to be: volumes of its StatefulSet. */
const RULES_IN_CONTAINER = '/etc/prometheus/rules/';
const CONFIG_KEY = 'prometheus.yaml.gz';
const CONFIG_FILE = 'prometheus.yaml';
const RULES_FOLDER = 'rules';

export interface ConfigSource {
  /** Secret `prometheus-NAME`. */
  readonly secret: KubeObject;
  /** ConfigMaps `prometheus-NAME-rulefiles-N`. */
  readonly ruleMaps: readonly KubeObject[];
}

/** What a pod's environment would hold; the configuration has it as `$(NAME)`. */
export type Variables = Readonly<Record<string, string>>;

export interface ConfigTarget {
  readonly folder: string;
  readonly variables: Variables;
  /** Given when the targets must be found here: see resolve-discovery.ts. */
  readonly cluster?: Discoverable;
}

/**
 * Turns the objects that prometheus-operator writes into the files that a Prometheus without a cluster reads, by path
 * within `folder`. Changes nothing but what names the pod: its variables and the place of its rules. Pure.
 */
export function buildConfigFiles(
  source: ConfigSource,
  { folder, variables, cluster }: ConfigTarget,
): Map<string, string> {
  const packed = source.secret.data?.[CONFIG_KEY];
  if (!packed) throw new Error(`the Secret ${source.secret.metadata.name} has no ${CONFIG_KEY}`);
  const config = gunzipSync(Buffer.from(packed, 'base64')).toString('utf8');
  const placed = expandVariables(config, variables).replaceAll(RULES_IN_CONTAINER, `${folder}/${RULES_FOLDER}/`);
  const rules = source.ruleMaps.flatMap(({ metadata, data }) =>
    Object.entries(data ?? {}).map(([key, text]) => [`${RULES_FOLDER}/${metadata.name}/${key}`, text] as const),
  );
  return new Map([...rules, [CONFIG_FILE, cluster ? resolveDiscovery(placed, cluster) : placed]]);
}

function expandVariables(text: string, variables: Variables): string {
  return text.replaceAll(/\$\((\w+)\)/g, (whole, name: string) => variables[name] ?? whole);
}
