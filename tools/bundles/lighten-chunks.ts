import { builtinModules } from 'node:module';
import type { Plugin } from 'rolldown';

/** Makes the code of a chunk take less memory (decision 0025), by loading fewer of Node's modules and by keeping the code in ASCII. */
export function lightenChunks(): Plugin {
  return {
    name: 'lighten-chunks',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle))
        if (chunk.type === 'chunk') chunk.code = keepToAscii(takeBuiltins(chunk.code));
    },
  };
}

/** An import of a whole module, of some of its exports, or both; minified or not. */
const importOf = /\bimport\s*(?:(?:\*\s*as\s+)?([\w$]+))?\s*,?\s*(?:\{([^}]*)\})?\s*from\s*["']([\w:/]+)["'];?/g;

/**
 * Loads Node's modules by `getBuiltinModule`. An `import` reads every export of the module, which also loads code that nobody
 * uses, for example the WebSocket client and `fetch` with node:http. Line breaks stay where they are, so the source map stays
 * valid.
 */
export function takeBuiltins(code: string): string {
  return code.replace(importOf, (statement, all: string | undefined, some: string | undefined, name: string) => {
    // keeps the import if the code reads `default` of the imported module: the result of getBuiltinModule has no
    // `default`
    if (!isBuiltin(name) || (all && code.includes(`${all}.default`))) return statement;
    const taken = `globalThis.process.getBuiltinModule(${JSON.stringify(name)})`;
    const names = [all, some && `{${some.replaceAll(/\s+as\s+/g, ':')}}`];
    return names.map((one) => (one ? `const ${one}=${taken};` : '')).join('');
  });
}

function isBuiltin(name: string): boolean {
  return builtinModules.includes(name.replace(/^node:/, ''));
}

/**
 * Escapes characters beyond ASCII, because V8 stores a string that has such a character with two bytes per character.
 */
export function keepToAscii(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Leaves builders that our dashboards do not use out of Grafana's SDK: those of dashboard schema v2, and of a few kinds of
 * variables. The SDK is CommonJS, from which a bundler cannot drop unused code. Leaving them out makes the bundle of the
 * controller, and its memory, a third smaller.
 */
export function leaveOutBuilders(): Plugin {
  return {
    name: 'leave-out-builders',
    transform: {
      filter: { id: /grafana-foundation-sdk[/\\]dist[/\\]\w+[/\\]index\.js$/ },
      handler: (code) => ({ code: code.replaceAll(unusedExport, ''), map: null }),
    },
  };
}

const unusedExport =
  /^tslib_1\.__exportStar\(require\("\.\/(visualization|query|\w+V2|dashboardMeta|snapshot|(adHoc|constant|custom|textBox)Variable)Builder\.gen"\), exports\);$/gm;
