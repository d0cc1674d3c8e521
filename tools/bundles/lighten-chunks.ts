import { builtinModules } from 'node:module';
import type { Plugin } from 'rolldown';

/** Makes a chunk cheaper to hold in memory (decision 0025): what Node is asked for, and the text itself. */
export function lightenChunks(): Plugin {
  return {
    name: 'lighten-chunks',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle))
        if (chunk.type === 'chunk') chunk.code = keepToAscii(takeBuiltins(chunk.code));
    },
  };
}

/** Of everything, or of some; minified or not. */
const importOf = /\bimport\s*(?:(?:\*\s*as\s+)?([\w$]+))?\s*,?\s*(?:\{([^}]*)\})?\s*from\s*["']([\w:/]+)["'];?/g;

/**
 * Node's modules by `getBuiltinModule`: an `import` of one reads everything it exports, and so loads what nobody asks for, as
 * the WebSocket client and `fetch` with node:http. No line moves, so that the source map stays right.
 */
export function takeBuiltins(code: string): string {
  return code.replace(importOf, (statement, all: string | undefined, some: string | undefined, name: string) => {
    // Only an import has its module as `default`, too.
    if (!isBuiltin(name) || (all && code.includes(`${all}.default`))) return statement;
    const taken = `globalThis.process.getBuiltinModule(${JSON.stringify(name)})`;
    const names = [all, some && `{${some.replaceAll(/\s+as\s+/g, ':')}}`];
    return names.map((one) => (one ? `const ${one}=${taken};` : '')).join('');
  });
}

function isBuiltin(name: string): boolean {
  return builtinModules.includes(name.replace(/^node:/, ''));
}

/** One letter beyond ASCII, and Node has V8 hold every letter of the text in two bytes. */
export function keepToAscii(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
