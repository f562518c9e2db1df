import { setTimeout as delay } from 'node:timers/promises';

export interface QueueOptions {
  readonly batchSize: number;
  /** Milliseconds for which an entry may wait for others. */
  readonly coalescingMs: number;
  readonly mostEntries: number;
  /** In characters, all together. */
  readonly mostBytes: number;
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** After so long a batch is given up. */
  readonly giveUpMs: number;
  readonly send: (batch: readonly string[]) => Promise<void>;
  /** Entries that nobody will get, and why. */
  readonly lost: (entries: number, reason: string) => void;
  readonly now: () => number;
}

/** Entries on their way out, in batches, one at a time. It holds nobody up: of too many, the oldest go. */
export interface Queue {
  add(entry: string): void;
  /** Sends what is left, once. */
  close(): Promise<void>;
}

export function createQueue(options: QueueOptions): Queue {
  const { batchSize, coalescingMs, mostEntries, mostBytes, lost } = options;
  let entries: string[] = [];
  let bytes = 0;
  let working: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const closing = new AbortController();

  function takeBatch(): string[] {
    const batch = entries.slice(0, batchSize);
    entries = entries.slice(batchSize);
    for (const entry of batch) bytes -= entry.length;
    return batch;
  }

  async function work(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    while (entries.length > 0) await deliver(takeBatch(), options, closing.signal);
  }

  function begin(): void {
    working ??= work().finally(() => {
      working = undefined;
      if (entries.length > 0) plan();
    });
  }

  function plan(): void {
    if (entries.length >= batchSize || closing.signal.aborted) begin();
    else timer ??= setTimeout(begin, coalescingMs).unref();
  }

  function makeRoom(): void {
    let dropped = 0;
    while (entries.length > mostEntries || (bytes > mostBytes && entries.length > 0)) {
      bytes -= entries.shift()?.length ?? 0;
      dropped += 1;
    }
    if (dropped > 0) lost(dropped, 'too many wait');
  }

  return {
    add: (entry) => {
      entries.push(entry);
      bytes += entry.length;
      makeRoom();
      if (working === undefined) plan();
    },
    close: async () => {
      closing.abort();
      begin();
      await working;
    },
  };
}

/** Tries again until it is taken or too late; once the queue closes, not any more. */
async function deliver(batch: readonly string[], options: QueueOptions, closing: AbortSignal): Promise<void> {
  const { send, lost, now, firstRetryMs, longestRetryMs, giveUpMs } = options;
  const givenUpAt = now() + giveUpMs;
  for (let pause = firstRetryMs; ; pause = Math.min(pause * 2, longestRetryMs)) {
    try {
      await send(batch);
      return;
    } catch (error) {
      if (closing.aborted || now() + pause > givenUpAt) {
        lost(batch.length, Error.isError(error) ? error.message : String(error));
        return;
      }
      await delay(pause, undefined, { signal: closing, ref: false }).catch(() => undefined);
    }
  }
}
