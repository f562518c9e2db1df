import type { Response } from 'express';

export interface BufferResponseOptions {
  /** Called once, with the complete head. True buffers the whole body. */
  readonly shouldBuffer: () => boolean;
  readonly maxBytes: number;
  /** Returns the new body and sets its headers. Not called for an empty body. */
  readonly transform: (body: Buffer) => Buffer;
  /** Called if the body is too long: sends another response. */
  readonly onTooLong: () => void;
}

/**
 * Buffers a response until its body is complete. As Express' compression middleware, it replaces the response's
 * methods, so that the code that writes the response (in Buffers) stays the same. A response that need not be
 * buffered passes unchanged.
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
    // The end of the response tells the writer to stop.
    Object.assign(response, { write: () => true, end: () => response });
  }

  function sendAll(): void {
    const body = bytes === 0 ? undefined : transform(Buffer.concat(chunks, bytes));
    restore();
    try {
      if (head !== undefined) Reflect.apply(writeHead, response, head);
    } catch {
      // Node cannot send this head, and it is too late for an error response.
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
    // The head is sent with the body.
    flushHeaders: () => {
      if (!isBuffering()) response.flushHeaders();
    },
  });
}
