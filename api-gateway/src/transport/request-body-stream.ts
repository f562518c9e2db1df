import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

export interface BodySizeLimit {
  readonly bytes: number;
  /** More has come: it is for who hears of it to end the upload. */
  readonly onExceeded: () => void;
}

export interface RequestBodyStreamOptions {
  /** Called before the first byte is read. */
  readonly onStart: () => void;
  /** Called at each piece, and when more is wanted. */
  readonly onProgress: () => void;
  readonly limit: BodySizeLimit | undefined;
}

/** Bytes that wait between the client and the instance at most. */
const HIGH_WATER_MARK = 65_536;

/**
 * A request's body on its way up. It reads nothing of the request before somebody reads of it, which is when
 * the connection stands: what was read could not be sent again, to another instance. And where the sending
 * fails it leaves the request alone, as the client is still to get an answer over the same socket.
 */
export class RequestBodyStream extends Readable {
  readonly #request: IncomingMessage;
  readonly #onStart: () => void;
  readonly #onProgress: () => void;
  readonly #limit: BodySizeLimit | undefined;
  #started = false;
  #receivedBytes = 0;

  constructor(request: IncomingMessage, { onStart, onProgress, limit }: RequestBodyStreamOptions) {
    super({ highWaterMark: HIGH_WATER_MARK });
    this.#request = request;
    this.#onStart = onStart;
    this.#onProgress = onProgress;
    this.#limit = limit;
  }

  /** Whether the client has sent all that the instance took: if nothing moves, it is the client who stalls. */
  get isWaitingForClient(): boolean {
    return !this.#request.complete && !this.#request.isPaused();
  }

  override _read(): void {
    if (!this.#started) {
      this.#started = true;
      this.#onStart();
      this.#request.on('data', this.#onData).once('end', this.#onEnd).once('close', this.#onEnd);
    }
    this.#onProgress();
    this.#request.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#started) {
      this.#request.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onEnd).resume();
    }
    done(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#onProgress();
    this.#receivedBytes += chunk.length;
    if (this.#limit !== undefined && this.#receivedBytes > this.#limit.bytes) this.#limit.onExceeded();
    else if (!this.push(chunk)) this.#request.pause();
  };

  readonly #onEnd = (): void => {
    if (this.#request.complete) this.push(null);
    else this.destroy(new Error('the client went away in the middle of its request'));
  };
}
