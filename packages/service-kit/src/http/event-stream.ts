import { once } from 'node:events';
import type { Response } from 'express';
import type { z } from 'zod';

export const EVENT_STREAM = 'text/event-stream';

/** One event of a stream, as https://html.spec.whatwg.org/multipage/server-sent-events.html has it. */
export interface ServerSentEvent {
  /** What a client sends as Last-Event-ID when it comes back. Its place in the stream, of one line. */
  readonly id?: string | number;
  /** The type by which a browser listens; without one it is `message`. */
  readonly event?: string;
  /** Goes out as JSON. */
  readonly data: unknown;
}

/** Documents an answer that is a stream of events, by the schema of their data. */
export interface EventStreamSchema {
  readonly eventStream: z.ZodType;
}

export interface StreamReply {
  readonly status: 200;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Server-sent events until it ends. It has to end soon after the signal aborts: the client has gone. What it
   * throws at once, before it answers with anything to iterate, becomes a problem as any other error.
   */
  readonly stream: (gone: AbortSignal) => AsyncIterable<ServerSentEvent>;
}

export function eventStream(data: z.ZodType): EventStreamSchema {
  return { eventStream: data };
}

const HEARTBEAT_MS = 15_000;
/** Milliseconds after which a client that lost its stream is to come back. */
const RETRY_MS = 1_000;

/**
 * Sends events until the stream ends or the client goes, at the client's own pace. A comment every
 * `heartbeatMs` keeps proxies from taking a quiet stream for a dead one.
 */
export async function sendEvents(
  response: Response,
  { status, headers, stream }: StreamReply,
  heartbeatMs: number = HEARTBEAT_MS,
): Promise<void> {
  const gone = new AbortController();
  const head = response.req.method === 'HEAD';
  const events = head ? [] : stream(gone.signal); // what it throws at once is still answered as any error is
  response.status(status).set({
    'Content-Type': EVENT_STREAM,
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no', // nginx would hold events back
    ...headers,
  });
  if (head) {
    response.end();
    return;
  }
  const heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs);
  response.once('close', () => {
    clearInterval(heartbeat);
    gone.abort();
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
  for await (const event of events) {
    if (gone.signal.aborted) return;
    if (!response.write(formatEvent(event))) await waitForDrain(response, gone.signal);
  }
  response.end();
}

async function waitForDrain(response: Response, gone: AbortSignal): Promise<void> {
  await once(response, 'drain', { signal: gone }).catch(() => undefined);
}

function formatEvent({ id, event, data }: ServerSentEvent): string {
  const lines = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    ...(event === undefined ? [] : [`event: ${event}`]),
    `data: ${JSON.stringify(data)}`,
  ];
  return `${lines.join('\n')}\n\n`;
}
