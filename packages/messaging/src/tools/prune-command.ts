import { setTimeout as wait } from 'node:timers/promises';
import { withConnection } from './cli-connection.ts';
import { CliError, CliUsageError } from './cli-error.ts';
import type { CliContext } from './cli-runner.ts';
import type { DlqOptions } from './dlq-options.ts';
import { createManagementApi } from './management-api.ts';
import { pruneRetryQueues, readRetryQueues, type PruneResult } from './prune-retry-queues.ts';

/**
 * Seconds between the two audits: a consumer that stops may send messages to its retry queues for 6.5 s, and the
 * management API's statistics are up to 10 s old.
 */
const WAIT_SECONDS = 20;

/** `dlq prune`: deletes stale retry queues and says what it has done and why. */
export async function pruneCommand(
  names: readonly string[],
  options: DlqOptions,
  context: CliContext,
): Promise<void> {
  if (names.length > 0) throw new CliUsageError(`prune takes no queue: what is ${names.join(' ')}?`);
  const seconds = parseSeconds(options.wait);
  const managementApi = createManagementApi(context.environment);
  if (options['dry-run'] === true) {
    context.write(formatResults(await readRetryQueues({ managementApi }), 'would be removed'));
    return;
  }
  await withConnection(context.environment, 'dlq prune', async (connection) => {
    const waitForSecondAudit = async (stale: number) => {
      const found = stale === 1 ? '1 stale retry queue' : `${stale} stale retry queues`;
      context.writeError(`Found ${found}. Looking again in ${seconds} s.\n`);
      await wait(seconds * 1_000, undefined, { signal: context.signal }).catch(() => {
        throw new CliError('Stopped. No queue was removed.');
      });
    };
    const results = await pruneRetryQueues({ connection, managementApi, waitForSecondAudit });
    context.write(formatResults(results, 'stale'));
  });
}

function parseSeconds(text: string | undefined): number {
  const seconds = text === undefined ? WAIT_SECONDS : Number(text);
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > 3_600 || text === '')
    throw new CliUsageError('--wait is a number of seconds from 0 to 3600.');
  return seconds;
}

/** A line for each queue that is not current, and how many are. */
function formatResults(results: readonly PruneResult[], stale: string): string {
  const current = results.filter(({ kind }) => kind === 'current').length;
  const lines = results.flatMap((result) => {
    if (result.kind === 'current') return [];
    if (result.kind === 'kept') return `${result.name}: kept, ${result.reason}\n`;
    return `${result.name}: ${result.kind === 'stale' ? stale : result.kind}\n`;
  });
  return `${lines.join('')}Retry queues in use: ${current}\n`;
}
