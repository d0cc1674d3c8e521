import { z } from 'zod';
import { STREAM_PATH } from '#catalogue/api.ts';
import { parseSubscription, streamChannels } from '../../stream/stream-subscription.ts';
import { ApiProblem, problemResponses } from '../errors/api-problem.ts';
import type { Resource } from '../resource.ts';

const description = `A WebSocket: \`new WebSocket('ws://host:8000/api/v1/stream?channels=signals,executions')\`.

Each message is \`{channel, type, data}\`. First comes \`{channel: "stream", type: "subscribed", data: {channels, pipeline_id}}\`.
Then, as they are stored, \`{channel: "signals", type: "signal", data: Signal}\` and
\`{channel: "executions", type: "execution", data: Execution}\`; an execution comes with its newest status, and may skip one that
it had for a moment only. \`{channel: "stream", type: "gap"}\` says that messages may be missing: read the lists again.

Close codes: 1008 the subscription is wrong, 1013 too slow or too many clients, 1001 the backend is stopping; the reason says more.`;

const POLICY_VIOLATION = 1008;

export const stream: Resource = {
  tag: { name: 'stream', description: 'Signals and executions as they come, by WebSocket' },
  addRoutes(app, { hub, config }) {
    app.route({
      method: 'GET',
      url: STREAM_PATH,
      // A wrong subscription is refused in the close frame: browsers hide the answer to a refused handshake from the page.
      attachValidation: true,
      schema: {
        operationId: 'openStream',
        summary: 'Signals and executions as they come (WebSocket)',
        description,
        querystring: z.object({
          channels: z
            .string()
            .optional()
            .describe(`Of ${streamChannels.join(', ')}, separated by commas; all when absent`),
          pipeline_id: z.string().optional().describe('Only what belongs to this pipeline'),
        }),
        response: {
          101: z.undefined().describe('The connection is a WebSocket now'),
          ...problemResponses({
            403: 'The page is of an origin that is not allowed',
            426: 'Not asked for by a WebSocket client',
          }),
        },
      },
      // Without this check, a page of another site could read the stream of a backend in its visitor's private network.
      onRequest: async ({ headers }) => {
        const { origin, host } = headers;
        if (origin === undefined || config.API_ALLOWED_ORIGINS.includes(origin) || hostOf(origin) === host) return;
        throw new ApiProblem('origin-not-allowed', `The origin ${origin} may not open the stream.`);
      },
      handler: async () => {
        throw new ApiProblem('upgrade-required', 'Only a WebSocket client can use this address.');
      },
      wsHandler: (socket, { query }) => {
        const subscription = parseSubscription(query as Record<string, unknown>);
        if ('refused' in subscription) return socket.close(POLICY_VIOLATION, subscription.refused);
        hub.add(socket, subscription);
      },
    });
  },
};

function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host;
}
