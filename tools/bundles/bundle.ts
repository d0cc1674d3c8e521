/** The bundles of `make build`: one folder of dist/ for each process that is deployed, and one for the command line. */
import { CONTROLLER, serviceNames } from '#catalogue/services.ts';
import { PROGRAM, PROGRAM_ABOUT } from '#controller/cli/build-program.ts';

/** Name of the file in a bundle's folder that Node runs. */
export const MAIN = 'main.mjs';

export interface Bundle {
  /** Name of the folder in dist/. */
  readonly name: string;
  /** Path of the file that Node runs, from the root of the repository. */
  readonly main: string;
  /** What the program does. A bundle that has it also becomes an npm package, for people who have no clone. */
  readonly about?: string;
  /** Files and folders that the process reads, from the root of the repository. They are copied to the same path in the bundle. */
  readonly assets: readonly string[];
}

/** Assets of the services that read files, keyed by service. */
const assetsOfServices: Readonly<Record<string, readonly string[]>> = {
  backend: ['node_modules/@fastify/swagger-ui/static'],
  'signal-generator': ['services/signal-generator/data'],
};

export const bundles: readonly Bundle[] = [
  { name: CONTROLLER, main: 'controller/main.ts', assets: [] },
  { name: PROGRAM, main: 'controller/cli/main.ts', assets: ['docs/runbooks/alerts.md'], about: PROGRAM_ABOUT },
  ...serviceNames.map((name) => ({
    name,
    main: `services/${name}/main.ts`,
    assets: assetsOfServices[name] ?? [],
  })),
];
