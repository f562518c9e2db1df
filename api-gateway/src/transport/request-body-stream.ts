import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

export interface BodySizeLimit {
  readonly bytes: number;
  /** The body is longer. The callback has to end the upload. */
  readonly onExceeded: () => void;
}

export interface RequestBodyStreamOptions {
  /** Called before the first byte is read. */
  readonly onStart: () => void;
  /** Called for each chunk, and when the instance wants more. */
  readonly onProgress: () => void;
  readonly limit: BodySizeLimit | undefined;
}

/** Maximum of bytes buffered between the client and the instance. */
const HIGH_WATER_MARK = 65_536;

/**
 * Streams a request's body to an instance. It reads nothing from the client before the connection is
 * established: bytes that were read could not be sent again, to another instance. If sending fails it leaves
 * the client's request alone, since the error response goes over the same socket.
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

  /**
   * Whether the instance has taken all that the client has sent: if nothing moves, the client is the one that
   * stalls.
   */
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
