import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

export interface UploadLimit {
  readonly bytes: number;
  /** More has come: it is for who hears of it to end the upload. */
  readonly exceeded: () => void;
}

export interface UploadOptions {
  /** Called before the first byte is read. */
  readonly began: () => void;
  /** Called at each piece, and when more is wanted. */
  readonly moved: () => void;
  readonly limit: UploadLimit | undefined;
}

/** Bytes that wait between the client and the instance at most. */
const HIGH_WATER_MARK = 65_536;

/**
 * A request's body on its way up. It reads nothing of the request before somebody reads of it, which is when
 * the connection stands: what was read could not be sent again, to another instance. And where the sending
 * fails it leaves the request alone, as the client is still to get an answer over the same socket.
 */
export class Upload extends Readable {
  readonly #source: IncomingMessage;
  readonly #began: () => void;
  readonly #moved: () => void;
  readonly #limit: UploadLimit | undefined;
  #reading = false;
  #bytes = 0;

  constructor(source: IncomingMessage, { began, moved, limit }: UploadOptions) {
    super({ highWaterMark: HIGH_WATER_MARK });
    this.#source = source;
    this.#began = began;
    this.#moved = moved;
    this.#limit = limit;
  }

  /** Whether the client has sent all that the instance took: if nothing moves, it is the client who stalls. */
  get waitsForClient(): boolean {
    return !this.#source.complete && !this.#source.isPaused();
  }

  override _read(): void {
    if (!this.#reading) {
      this.#reading = true;
      this.#began();
      this.#source.on('data', this.#take).once('end', this.#end).once('close', this.#end);
    }
    this.#moved();
    this.#source.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#reading) {
      this.#source.off('data', this.#take).off('end', this.#end).off('close', this.#end).resume();
    }
    done(error);
  }

  readonly #take = (chunk: Buffer): void => {
    this.#moved();
    this.#bytes += chunk.length;
    if (this.#limit !== undefined && this.#bytes > this.#limit.bytes) this.#limit.exceeded();
    else if (!this.push(chunk)) this.#source.pause();
  };

  readonly #end = (): void => {
    if (this.#source.complete) this.push(null);
    else this.destroy(new Error('the client went away in the middle of its request'));
  };
}
