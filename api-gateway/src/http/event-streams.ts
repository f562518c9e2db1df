import type { ServerResponse } from 'node:http';
import type { Answer } from '../plugins/plugin.ts';

/**
 * Answers that do not come to an end by themselves: server-sent events. A gateway that stops ends them, since
 * whoever listens comes back by itself, to another.
 */
export interface EventStreams {
  /** An answer begins, whatever it is. */
  begun(response: ServerResponse, answer: Answer): void;
  end(): void;
}

const TYPE = /^text\/event-stream\b/i;

export function createEventStreams(): EventStreams {
  const open = new Set<ServerResponse>();
  return {
    begun: (response, { headers }) => {
      if (!TYPE.test(headers.get('content-type') ?? '')) return;
      open.add(response);
      response.once('close', () => open.delete(response));
    },
    end: () => {
      for (const response of open) response.destroy();
    },
  };
}
