import type { Response } from 'express';

export interface Holding {
  /** Asked once, when the head is there: whether all of the body is to be there before any of it is sent. */
  readonly wanted: () => boolean;
  readonly mostBytes: number;
  /** Gets the whole body, and sets the headers that tell of another. It is not asked where there is none. */
  readonly change: (body: Buffer) => Buffer;
  /** More has come: answers something else. */
  readonly tooLong: () => void;
}

/**
 * Holds a response back until all of its body is there, by the way in which Express' own middleware of this kind
 * does (compression): whoever writes to it, in Buffers, need not know. One that is not wanted passes as if nobody had
 * asked.
 */
export function holdAnswer(response: Response, { wanted, mostBytes, change, tooLong }: Holding): void {
  const { writeHead, write, end, flushHeaders } = response;
  let head: unknown[] | undefined;
  let holds: boolean | undefined;
  let chunks: Buffer[] = [];
  let bytes = 0;

  function letGo(): void {
    Object.assign(response, { writeHead, write, end, flushHeaders });
  }

  function isHeld(): boolean {
    holds ??= wanted();
    if (!holds) letGo();
    return holds;
  }

  function take(chunk: unknown): void {
    if (!Buffer.isBuffer(chunk)) return;
    chunks.push(chunk);
    bytes += chunk.length;
  }

  function answerInstead(): void {
    chunks = [];
    letGo();
    tooLong();
    // Whoever writes hears by the response's end that nobody wants more.
    Object.assign(response, { write: () => true, end: () => response });
  }

  function sendAll(): void {
    const body = bytes === 0 ? undefined : change(Buffer.concat(chunks, bytes));
    letGo();
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
      if (!isHeld()) return Reflect.apply(writeHead, response, args);
      head = args;
      return response;
    },
    write: (...args: unknown[]) => {
      if (!isHeld()) return Reflect.apply(write, response, args);
      take(args[0]);
      if (bytes > mostBytes) answerInstead();
      return true;
    },
    end: (...args: unknown[]) => {
      if (!isHeld()) return Reflect.apply(end, response, args);
      take(args[0]);
      if (bytes > mostBytes) answerInstead();
      else sendAll();
      return response;
    },
    // The head waits for the body.
    flushHeaders: () => {
      if (!isHeld()) response.flushHeaders();
    },
  });
}
