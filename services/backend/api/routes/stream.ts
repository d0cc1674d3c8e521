import { z } from 'zod';
import { STREAM_PATH } from '#catalogue/api.ts';
import { parseSubscription, streamChannels } from '../../stream/stream-subscription.ts';
import { ApiProblem, problemResponses } from '../errors/api-problem.ts';
import { checkOrigin } from '../requests/refuse-strangers.ts';
import type { Resource } from '../resource.ts';

const description = `A WebSocket: \`new WebSocket('ws://host:8000/api/v1/stream?channels=signals,executions')\`.

Each message is \`{channel, type, data}\`. The first one is \`{channel: "stream", type: "subscribed", data: {channels, pipeline_id}}\`.
New signals follow as \`{channel: "signals", type: "signal", data: Signal}\`, and changed executions as
\`{channel: "executions", type: "execution", data: Execution}\`, each with its newest status: a status that lasted only a moment
may be left out. \`{channel: "stream", type: "gap"}\` means that messages may be missing: read the lists again.

Close codes: 1008 the subscription is wrong; 1013 the client is too slow, or there are too many clients; 1001 the backend is
stopping. The close reason says more.`;

const POLICY_VIOLATION = 1008;

export const stream: Resource = {
  tag: { name: 'stream', description: 'New signals and changed executions over a WebSocket' },
  addRoutes(app, { hub, config }) {
    app.route({
      method: 'GET',
      url: STREAM_PATH,
      // The handler refuses an invalid subscription in a close frame after the handshake. If the handshake were
      // refused, browsers would hide the response from the page that opened the stream.
      attachValidation: true,
      schema: {
        operationId: 'openStream',
        summary: 'Open the stream of signals and executions (WebSocket)',
        description,
        querystring: z.object({
          channels: z
            .string()
            .optional()
            .describe(`One or more of ${streamChannels.join(', ')}, separated by commas; default: all`),
          pipeline_id: z.string().optional().describe('Only signals and executions of this pipeline'),
        }),
        response: {
          101: z.undefined().describe('The connection is now a WebSocket'),
          ...problemResponses({
            403: 'Pages of this origin may not open the stream',
            426: 'The client did not ask for a WebSocket',
          }),
        },
      },
      // refuseStrangers checks the origin of WebSockets; this answers 403 also if the client asks for no upgrade.
      onRequest: async (request) => checkOrigin(request, config),
      handler: async () => {
        throw new ApiProblem('upgrade-required', 'Only a WebSocket client can use this route.');
      },
      wsHandler: (socket, { query }) => {
        const subscription = parseSubscription(query as Record<string, unknown>);
        if ('refused' in subscription) return socket.close(POLICY_VIOLATION, subscription.refused);
        hub.add(socket, subscription);
      },
    });
  },
};
