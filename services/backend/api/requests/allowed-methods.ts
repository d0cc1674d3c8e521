import type { Api } from '../resource.ts';

/** The methods that the server has for the path of a request, for the header Allow. Empty for an unknown path. */
export type AllowedMethods = (path: string) => string[];

/** Collects the methods of the routes. Must be called before the routes are added. */
export function collectMethods(app: Api): AllowedMethods {
  const methodsByRoute = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ method, url }) => {
    const methods = methodsByRoute.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    methodsByRoute.set(url, methods);
  });
  return (path) => {
    const matching = [...methodsByRoute].filter(([route]) => matchesRoute(route, path));
    return [...new Set(matching.flatMap(([, methods]) => [...methods]))].sort();
  };
}

/**
 * Returns whether a path matches the URL of a route: `:name` stands for one segment, and `*` for the rest of the path.
 * A slash at the end is optional.
 */
export function matchesRoute(route: string, path: string): boolean {
  const segments = withoutEnd(path).split('/');
  const wanted = withoutEnd(route).split('/');
  const rest = wanted.indexOf('*');
  if (rest < 0 && segments.length !== wanted.length) return false;
  const compared = rest < 0 ? wanted : wanted.slice(0, rest);
  return compared.every((name, index) => (name.startsWith(':') ? segments[index] !== '' : name === segments[index]));
}

function withoutEnd(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
