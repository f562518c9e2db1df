export interface BatcherOptions<Item, Result> {
  /** Processes a batch. Returns one result for each item, in the order of the items. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Items of one batch at most. */
  readonly maxSize: number;
}

interface QueuedItem<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects items into batches, one batch at a time. An idle batcher starts after the current turn of the event
 * loop; items that arrive while a batch is in progress form the next one. No item waits for others to arrive.
 * The returned function resolves with the item's result, and rejects with what `run` rejects with.
 */
export function createBatcher<Item, Result>({
  run,
  maxSize,
}: BatcherOptions<Item, Result>): (item: Item) => Promise<Result> {
  let queue: QueuedItem<Item, Result>[] = [];
  let running = false;

  async function runBatch(batch: readonly QueuedItem<Item, Result>[]): Promise<void> {
    try {
      const results = await run(batch.map(({ item }) => item));
      if (results.length !== batch.length)
        throw new RangeError(`a batch of ${batch.length} items got ${results.length} results`);
      for (const [index, result] of results.entries()) batch[index]?.resolve(result);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async function runAll(): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.slice(0, maxSize);
      queue = queue.slice(maxSize);
      await runBatch(batch);
    }
    running = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject });
      if (running) return;
      running = true;
      setImmediate(() => void runAll());
    });
}
