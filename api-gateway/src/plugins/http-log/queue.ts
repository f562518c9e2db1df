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
  /** How long closing may take. */
  readonly closingMs: number;
  readonly send: (batch: readonly string[], signal: AbortSignal) => Promise<void>;
  /** Entries that nobody will get, and why. */
  readonly lost: (entries: number, reason: string) => void;
  readonly now: () => number;
}

/** Entries on their way out, in batches, one at a time. It holds nobody up: of too many, the oldest go. */
export interface Queue {
  add(entry: string): void;
  /** Sends what is left, as long as it is taken at once. */
  close(): Promise<void>;
}

export function createQueue(options: QueueOptions): Queue {
  const { batchSize, coalescingMs, closingMs, mostEntries, mostBytes, lost } = options;
  const entries: string[] = [];
  let bytes = 0;
  let working: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const closing = new AbortController();
  const tooLate = new AbortController();
  const phases = { closing: closing.signal, tooLate: tooLate.signal };

  function takeBatch(): string[] {
    const batch = entries.splice(0, batchSize);
    for (const entry of batch) bytes -= entry.length;
    return batch;
  }

  async function work(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    while (entries.length > 0) {
      const taken = await deliver(takeBatch(), options, phases);
      if (!taken && closing.signal.aborted) drop(entries.length, 'nobody takes them before the end');
    }
  }

  /** The oldest. */
  function drop(count: number, reason: string): void {
    for (const entry of entries.splice(0, count)) bytes -= entry.length;
    if (count > 0) lost(count, reason);
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
    while (entries.length > mostEntries || (bytes > mostBytes && entries.length > 0))
      drop(1, 'too many wait');
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
      const timer = setTimeout(() => tooLate.abort(), closingMs);
      await working;
      clearTimeout(timer);
    },
  };
}

/** Tries again until it is taken or too late; once the queue closes, not any more. Resolves with whether it was taken. */
async function deliver(
  batch: readonly string[],
  options: QueueOptions,
  { closing, tooLate }: { closing: AbortSignal; tooLate: AbortSignal },
): Promise<boolean> {
  const { send, lost, now, firstRetryMs, longestRetryMs, giveUpMs } = options;
  const givenUpAt = now() + giveUpMs;
  for (let pause = firstRetryMs; ; pause = Math.min(pause * 2, longestRetryMs)) {
    try {
      await send(batch, tooLate);
      return true;
    } catch (error) {
      if (closing.aborted || now() + pause > givenUpAt) {
        lost(batch.length, Error.isError(error) ? error.message : String(error));
        return false;
      }
      await delay(pause, undefined, { signal: closing, ref: false }).catch(() => undefined);
    }
  }
}
