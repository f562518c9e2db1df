import type { Response } from 'express';

export interface BufferResponseOptions {
  /** Asked once, when the head is there: whether all of the body is to be there before any of it is sent. */
  readonly shouldBuffer: () => boolean;
  readonly maxBytes: number;
  /** Gets the whole body, and sets the headers that tell of another. It is not asked where there is none. */
  readonly transform: (body: Buffer) => Buffer;
  /** More has come: answers something else. */
  readonly onTooLong: () => void;
}

/**
 * Holds a response back until all of its body is there, by the way in which Express' own middleware of this kind
 * does (compression): whoever writes to it, in Buffers, need not know. One that is not wanted passes as if nobody had
 * asked.
 */
export function bufferResponse(
  response: Response,
  { shouldBuffer, maxBytes, transform, onTooLong }: BufferResponseOptions,
): void {
  const { writeHead, write, end, flushHeaders } = response;
  let head: unknown[] | undefined;
  let buffering: boolean | undefined;
  let chunks: Buffer[] = [];
  let bytes = 0;

  function restore(): void {
    Object.assign(response, { writeHead, write, end, flushHeaders });
  }

  function isBuffering(): boolean {
    buffering ??= shouldBuffer();
    if (!buffering) restore();
    return buffering;
  }

  function take(chunk: unknown): void {
    if (!Buffer.isBuffer(chunk)) return;
    chunks.push(chunk);
    bytes += chunk.length;
  }

  function answerInstead(): void {
    chunks = [];
    restore();
    onTooLong();
    // Whoever writes hears by the response's end that nobody wants more.
    Object.assign(response, { write: () => true, end: () => response });
  }

  function sendAll(): void {
    const body = bytes === 0 ? undefined : transform(Buffer.concat(chunks, bytes));
    restore();
    try {
      if (head !== undefined) Reflect.apply(writeHead, response, head);
    } catch {
      // Node makes no answer of such a head, and by now nobody else can.
      response.destroy();
      return;
    }
    response.end(body);
  }

  Object.assign(response, {
    writeHead: (...args: unknown[]) => {
      if (!isBuffering()) return Reflect.apply(writeHead, response, args);
      head = args;
      return response;
    },
    write: (...args: unknown[]) => {
      if (!isBuffering()) return Reflect.apply(write, response, args);
      take(args[0]);
      if (bytes > maxBytes) answerInstead();
      return true;
    },
    end: (...args: unknown[]) => {
      if (!isBuffering()) return Reflect.apply(end, response, args);
      take(args[0]);
      if (bytes > maxBytes) answerInstead();
      else sendAll();
      return response;
    },
    // The head waits for the body.
    flushHeaders: () => {
      if (!isBuffering()) response.flushHeaders();
    },
  });
}
