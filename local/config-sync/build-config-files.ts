import { gunzipSync } from 'node:zlib';
import type { KubeObject } from '#controller/api/kube-object.ts';
import type { Discoverable } from './discover-targets.ts';
import { resolveDiscovery } from './resolve-discovery.ts';

/** The folder in which prometheus-operator's StatefulSet mounts the rules, as the configuration names it. */
const RULES_IN_CONTAINER = '/etc/prometheus/rules/';
const CONFIG_KEY = 'prometheus.yaml.gz';
const CONFIG_FILE = 'prometheus.yaml';
const RULES_FOLDER = 'rules';

export interface ConfigSource {
  /** The Secret `prometheus-NAME`. */
  readonly secret: KubeObject;
  /** The ConfigMaps `prometheus-NAME-rulefiles-N`. */
  readonly ruleMaps: readonly KubeObject[];
}

/** The environment variables that a pod of Prometheus would have. The configuration refers to them as `$(NAME)`. */
export type Variables = Readonly<Record<string, string>>;

interface ConfigTarget {
  readonly folder: string;
  readonly variables: Variables;
  /**
   * Objects in which this program looks up the scrape targets (see resolve-discovery.ts). Absent if Prometheus
   * discovers its targets itself.
   */
  readonly cluster?: Discoverable;
}

/**
 * Builds the files for a Prometheus outside the cluster from the objects that prometheus-operator writes. Returns the
 * content of each file, keyed by its path within `folder`. Replaces only what refers to the pod of Prometheus (its
 * variables and the folder of its rules) and, if `cluster` is set, the discovery of targets. Pure.
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
