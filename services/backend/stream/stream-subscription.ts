import { pipelineIdSchema } from '../pipelines/pipeline-id.ts';

export const streamChannels = ['signals', 'executions'] as const;
export type StreamChannel = (typeof streamChannels)[number];

/** What a client of the stream wants to hear. */
export interface Subscription {
  channels: ReadonlySet<StreamChannel>;
  /** Only what belongs to this pipeline; everything when absent. */
  pipelineId: string | undefined;
}

export interface StreamEvent {
  channel: StreamChannel;
  type: string;
  data: unknown;
  /** The pipelines it belongs to. */
  pipelineIds: readonly string[];
}

/**
 * Reads the query of a stream's address. Without `channels` it is all of them.
 * @returns the subscription, or a reason of at most 123 bytes: what fits into a WebSocket's close frame
 */
export function parseSubscription(query: Readonly<Record<string, unknown>>): Subscription | { refused: string } {
  const { channels: asked = streamChannels.join(','), pipeline_id: pipelineId, ...others } = query;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) return refuse(`unknown parameter "${unknown}"; there are channels and pipeline_id`);
  if (typeof asked !== 'string') return refuse('channels stands twice; separate channels by commas');
  const names = asked.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !isChannel(name));
  if (wrong !== undefined)
    return refuse(`unknown channel "${wrong.slice(0, 30)}"; there are ${streamChannels.join(', ')}`);
  if (pipelineId !== undefined && !pipelineIdSchema.safeParse(pipelineId).success)
    return refuse('pipeline_id is not a pipeline id');
  return { channels: new Set(names.filter(isChannel)), pipelineId: pipelineId as string | undefined };
}

export function matchesSubscription({ channels, pipelineId }: Subscription, event: StreamEvent): boolean {
  return channels.has(event.channel) && (pipelineId === undefined || event.pipelineIds.includes(pipelineId));
}

function isChannel(name: string): name is StreamChannel {
  return (streamChannels as readonly string[]).includes(name);
}

function refuse(reason: string): { refused: string } {
  // Cutting bytes may cut a character in half: what is left of it is dropped.
  const refused = Buffer.from(reason)
    .subarray(0, 123)
    .toString()
    .replace(/\uFFFD+$/, '');
  return { refused };
}
