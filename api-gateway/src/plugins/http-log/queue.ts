import { setTimeout as delay } from 'node:timers/promises';

export interface BatchQueueOptions {
  readonly maxBatchSize: number;
  /** Milliseconds for which an entry may wait for others. */
  readonly maxCoalescingDelayMs: number;
  readonly maxEntries: number;
  /** In characters, all together. */
  readonly maxBytes: number;
  readonly initialRetryDelayMs: number;
  readonly maxRetryDelayMs: number;
  /** After so long a batch is given up. */
  readonly maxRetryTimeMs: number;
  /** How long closing may take. */
  readonly closeTimeoutMs: number;
  readonly send: (batch: readonly string[], signal: AbortSignal) => Promise<void>;
  /** Entries that nobody will get, and why. */
  readonly onDropped: (entries: number, reason: string) => void;
  readonly now: () => number;
}

/** Entries on their way out, in batches, one at a time. It holds nobody up: of too many, the oldest go. */
export interface BatchQueue {
  add(entry: string): void;
  /** Sends what is left, as long as it is taken at once. */
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
      if (!taken && closing.signal.aborted) drop(entries.length, 'nobody takes them before the end');
    }
  }

  /** The oldest. */
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

/** Tries again until it is taken or too late; once the queue closes, not any more. Resolves with whether it was taken. */
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
