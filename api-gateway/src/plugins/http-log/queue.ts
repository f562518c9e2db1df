import { setTimeout as delay } from 'node:timers/promises';

export interface BatchQueueOptions {
  readonly maxBatchSize: number;
  /** Milliseconds that an entry waits for further entries. */
  readonly maxCoalescingDelayMs: number;
  readonly maxEntries: number;
  /** Characters of all waiting entries together. */
  readonly maxBytes: number;
  readonly initialRetryDelayMs: number;
  readonly maxRetryDelayMs: number;
  /** Milliseconds after which a batch is dropped. */
  readonly maxRetryTimeMs: number;
  /** Milliseconds that `close` takes at most. */
  readonly closeTimeoutMs: number;
  readonly send: (batch: readonly string[], signal: AbortSignal) => Promise<void>;
  /** Called with the number of dropped entries and the reason. */
  readonly onDropped: (entries: number, reason: string) => void;
  readonly now: () => number;
}

/** Sends entries in batches, one batch at a time. `add` never waits: when the queue is full, the oldest entries are dropped. */
export interface BatchQueue {
  add(entry: string): void;
  /** Sends the remaining entries, without retries. */
  close(): Promise<void>;
}

export function createBatchQueue(options: BatchQueueOptions): BatchQueue {
  const { maxBatchSize, maxCoalescingDelayMs, closeTimeoutMs, maxEntries, maxBytes, onDropped } = options;
  const entries: string[] = [];
  let bytes = 0;
  let working: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const closing = new AbortController();
  const tooLate = new AbortController();
  const phases = { closing: closing.signal, tooLate: tooLate.signal };

  function takeBatch(): string[] {
    const batch = entries.splice(0, maxBatchSize);
    for (const entry of batch) bytes -= entry.length;
    return batch;
  }

  async function sendAll(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    while (entries.length > 0) {
      const taken = await sendWithRetry(takeBatch(), options, phases);
      if (!taken && closing.signal.aborted) drop(entries.length, 'the endpoint fails and the gateway stops');
    }
  }

  /** Drops the oldest entries. */
  function drop(count: number, reason: string): void {
    for (const entry of entries.splice(0, count)) bytes -= entry.length;
    if (count > 0) onDropped(count, reason);
  }

  function startWork(): void {
    working ??= sendAll().finally(() => {
      working = undefined;
      if (entries.length > 0) scheduleWork();
    });
  }

  function scheduleWork(): void {
    if (entries.length >= maxBatchSize || closing.signal.aborted) startWork();
    else timer ??= setTimeout(startWork, maxCoalescingDelayMs).unref();
  }

  function makeRoom(): void {
    while (entries.length > maxEntries || (bytes > maxBytes && entries.length > 0)) drop(1, 'too many wait');
  }

  return {
    add: (entry) => {
      entries.push(entry);
      bytes += entry.length;
      makeRoom();
      if (working === undefined) scheduleWork();
    },
    close: async () => {
      closing.abort();
      startWork();
      const timer = setTimeout(() => tooLate.abort(), closeTimeoutMs);
      await working;
      clearTimeout(timer);
    },
  };
}

/** Retries until the batch is sent or its time is over; a closing queue does not retry. Resolves with true if the batch was sent. */
async function sendWithRetry(
  batch: readonly string[],
  options: BatchQueueOptions,
  { closing, tooLate }: { closing: AbortSignal; tooLate: AbortSignal },
): Promise<boolean> {
  const { send, onDropped, now, initialRetryDelayMs, maxRetryDelayMs, maxRetryTimeMs } = options;
  const givenUpAt = now() + maxRetryTimeMs;
  for (let pause = initialRetryDelayMs; ; pause = Math.min(pause * 2, maxRetryDelayMs)) {
    try {
      await send(batch, tooLate);
      return true;
    } catch (error) {
      if (closing.aborted || now() + pause > givenUpAt) {
        onDropped(batch.length, Error.isError(error) ? error.message : String(error));
        return false;
      }
      await delay(pause, undefined, { signal: closing, ref: false }).catch(() => undefined);
    }
  }
}
