import type { Plugin } from 'rolldown';

/**
 * Grafana's SDK is CommonJS, which no bundler can take apart, and has a second and a third builder for every panel: those of
 * dashboard schema v2. Our dashboards are of the schema that every Grafana reads. Without them the bundle of the controller is
 * a third smaller, and so is what it holds in memory.
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

const unusedExport = /^tslib_1\.__exportStar\(require\("\.\/(visualization|query|\w+V2)Builder\.gen"\), exports\);$/gm;
