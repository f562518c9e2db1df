import type { ChannelModel } from 'amqplib';
import type { ManagementApi } from './management-api.ts';
import { auditRetryQueues, type RetryQueueStatus } from './retry-queue-audit.ts';

export interface PruneOptions {
  readonly connection: ChannelModel;
  readonly managementApi: Pick<ManagementApi, 'queues' | 'consumers'>;
  /** Runs between the two audits, if the first has found stale queues. */
  readonly waitForSecondAudit: (stale: number) => Promise<void>;
}

/** The result of a prune: `removed` queues are those that were stale. */
export type PruneResult = RetryQueueStatus | { readonly name: string; readonly kind: 'removed' };

export async function readRetryQueues({
  managementApi,
}: Pick<PruneOptions, 'managementApi'>): Promise<RetryQueueStatus[]> {
  return auditRetryQueues(...(await Promise.all([managementApi.queues(), managementApi.consumers()])));
}

/**
 * Removes the retry queues that two audits in a row find stale, and no queue with a message in it.
 *
 * Two audits, because a consumer that is stopping is no longer listed while its last handlers may still send a
 * message to a retry queue. RabbitMQ refuses `if-empty` and `if-unused` for quorum queues (540 not implemented,
 * 3.10), so the queue is counted once more directly before it is deleted. A consumer that starts in that moment and
 * wants the queue after all declares it again when its first copy is returned as unroutable.
 */
export async function pruneRetryQueues(options: PruneOptions): Promise<PruneResult[]> {
  const first = await readRetryQueues(options);
  const stale = new Set(first.flatMap(({ name, kind }) => (kind === 'stale' ? name : [])));
  if (stale.size === 0) return first;
  await options.waitForSecondAudit(stale.size);
  const results: PruneResult[] = [];
  for (const status of await readRetryQueues(options)) {
    if (status.kind !== 'stale') results.push(status);
    else if (stale.has(status.name)) results.push(await removeEmptyQueue(options.connection, status.name));
    else results.push({ name: status.name, kind: 'kept', reason: 'it was not stale a moment ago' });
  }
  return results;
}

async function removeEmptyQueue(connection: ChannelModel, name: string): Promise<PruneResult> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined); // the call that caused it rejects with the same error
  const { messageCount, consumerCount } = await channel.checkQueue(name);
  const isUnused = messageCount === 0 && consumerCount === 0;
  if (isUnused) await channel.deleteQueue(name);
  await channel.close();
  return isUnused ? { name, kind: 'removed' } : { name, kind: 'kept', reason: 'it has just been used' };
}
