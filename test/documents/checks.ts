/**
 * How each command of the documents is checked. The first entry whose pattern matches holds. A command that no entry matches
 * fails the test: add it here.
 */
type Check = { readonly like: RegExp } & (InBareClone | OfChart | NotRun);

/** Runs word for word in a clone without node_modules, with Node 20 on PATH and without a kubeconfig. */
interface InBareClone {
  readonly code: number;
  /** What the command must print, on either stream. */
  readonly prints: RegExp;
}

/** Helm renders the chart with the same values. */
interface OfChart {
  readonly chart: true;
}

interface NotRun {
  readonly why: string;
}

const CLUSTER = 'needs pods in a cluster; make e2e asks a real one for the same';
const STACK = 'needs the running stack; test/stack starts it, and asks it for the same';

export const checks: readonly Check[] = [
  { like: /^npx tradingpipeline render /, code: 0, prints: /^kind: PrometheusRule$/m },
  { like: /^npx tradingpipeline validate /, code: 0, prints: /^\d+ TradingPipelines? valid$/m },
  { like: /^npx tradingpipeline explain /, code: 0, prints: /^HighPipelineFailureRate: / },
  { like: /^npx tradingpipeline (doctor|diff) /, code: 2, prints: /no cluster|kubeconfig|KUBECONFIG/ },
  { like: /^\.\/tools\/with-node\.sh node \S+ --help/, code: 0, prints: /usage/i },
  { like: /^tradingpipeline /, why: 'npx tradingpipeline of the same arguments runs above' },

  { like: /^helm (install|upgrade) trading-platform /, chart: true },
  { like: /^helm (dependency|repo) |^helm install monitoring /, why: 'needs the repository of kube-prometheus-stack' },
  { like: /^helm -n trading-platform (test|uninstall) /, why: CLUSTER },

  { like: /^make (setup|check|test)$/, why: 'CI runs it' },
  { like: /^make (up|gameday)\b/, why: STACK },
  { like: /^make deploy /, why: CLUSTER },
  { like: /^\.\/tools\/with-node\.sh node bench\//, why: 'takes minutes; make bench runs it' },

  { like: /^export KUBECONFIG=\$PWD\/\.local|localhost:9090/, why: STACK },
  { like: /^curl -s 'http:\/\/<backend>/, why: 'test/services asks a real backend for the same' },
  { like: /^kubectl .*(\$NS|\$OPS|<kind>|port-forward|get tp|get tradingpipelines|get events)/, why: CLUSTER },
  { like: /^kubectl .*create secret /, why: 'makes Secrets of your own servers' },
  { like: /^kubectl apply --server-side -f crds\//, why: 'test/operator applies this file to a real API server' },
  { like: /^curl -fsSLO https:\/\/raw\./, why: 'a test below looks for the file in the repository' },
  { like: /^kind create cluster /, why: 'needs Docker; the workflow of CI runs it' },
  { like: /^(aws|az|gcloud|eksctl) /, why: 'needs an account of the cloud' },
  { like: /^(cosign|gh|docker) /, why: 'needs a published release' },
];
