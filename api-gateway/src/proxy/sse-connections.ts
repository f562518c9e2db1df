import type { ServerResponse } from 'node:http';
import type { UpstreamResponseHead } from '../plugins/api/response.ts';

/**
 * Open streams of server-sent events. They do not end by themselves, so the gateway closes them when it stops:
 * their clients reconnect to another one.
 */
export interface SseConnections {
  /** Called for each response. */
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
