/** What `make build` makes: one folder below dist/ for each process that is deployed, and for the command line. */
import { CONTROLLER, serviceNames } from '#catalogue/services.ts';
import { PROGRAM } from '#controller/cli/build-program.ts';

export interface Bundle {
  /** Of its folder in dist/. */
  readonly name: string;
  /** The file that runs, from the root of the repository. */
  readonly main: string;
  /** Files and folders it reads while it runs, from the root of the repository: copied under the same path. */
  readonly assets: readonly string[];
}

/** What a service reads beside its code. */
const assetsOfServices: Readonly<Record<string, readonly string[]>> = {
  backend: ['node_modules/@fastify/swagger-ui/static'],
  'signal-generator': ['services/signal-generator/data'],
};

export const bundles: readonly Bundle[] = [
  { name: CONTROLLER, main: 'controller/main.ts', assets: [] },
  { name: PROGRAM, main: 'controller/cli/main.ts', assets: ['docs/runbooks/alerts.md'] },
  ...serviceNames.map((name) => ({
    name,
    main: `services/${name}/main.ts`,
    assets: assetsOfServices[name] ?? [],
  })),
];
