import type { ServerResponse } from 'node:http';
import type { UpstreamResponseHead } from '../plugins/api/response.ts';

/**
 * Answers that do not come to an end by themselves: server-sent events. A gateway that stops ends them, since
 * whoever listens comes back by itself, to another.
 */
export interface SseConnections {
  /** An answer begins, whatever it is. */
  track(response: ServerResponse, responseHead: UpstreamResponseHead): void;
  closeAll(): void;
}

const EVENT_STREAM_TYPE = /^text\/event-stream\b/i;

export function createSseConnections(): SseConnections {
  const open = new Set<ServerResponse>();
  return {
    track: (response, { headers }) => {
      if (!EVENT_STREAM_TYPE.test(headers.get('content-type') ?? '')) return;
      open.add(response);
      response.once('close', () => open.delete(response));
    },
    closeAll: () => {
      for (const response of open) response.destroy();
    },
  };
}
