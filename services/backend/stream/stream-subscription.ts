import { pipelineIdSchema } from '#trading/ids.ts';

export const streamChannels = ['signals', 'executions'] as const;
export type StreamChannel = (typeof streamChannels)[number];

/** The events that a client of the stream receives. */
export interface Subscription {
  channels: ReadonlySet<StreamChannel>;
  /**
   * If set, the client receives only events of this pipeline. If undefined, it receives the events of all pipelines.
   */
  pipelineId: string | undefined;
}

export interface StreamEvent {
  channel: StreamChannel;
  type: string;
  data: unknown;
  /** Ids of the pipelines that the event belongs to. May omit pipelines that no client has subscribed to. */
  pipelineIds: readonly string[];
}

/**
 * Parses the query of the stream's URL. Without the parameter `channels`, the subscription is to all channels.
 * @returns the subscription, or a reason of at most 123 bytes, the limit of a WebSocket close frame
 */
export function parseSubscription(query: Readonly<Record<string, unknown>>): Subscription | { refused: string } {
  const { channels: asked = streamChannels.join(','), pipeline_id: pipelineId, ...others } = query;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) return refuse(`unknown parameter "${unknown}"; use channels and pipeline_id`);
  if (typeof asked !== 'string') return refuse('channels is given twice; separate channels by commas');
  const names = asked.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !isChannel(name));
  if (wrong !== undefined) return refuse(`unknown channel "${wrong.slice(0, 30)}"; use ${streamChannels.join(', ')}`);
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
  // The cut at 123 bytes may split a character. Decoding then produces a replacement character, which is removed.
  const refused = Buffer.from(reason)
    .subarray(0, 123)
    .toString()
    .replace(/\uFFFD+$/, '');
  return { refused };
}
