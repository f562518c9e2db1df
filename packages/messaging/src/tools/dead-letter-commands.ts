import type { ChannelModel } from 'amqplib';
import { withConnection } from './cli-connection.ts';
import { CliError, CliUsageError } from './cli-error.ts';
import type { CliContext } from './cli-runner.ts';
import {
  toDeadLetterQueue,
  toSourceQueue,
  browseDeadLetters,
  type DeadLetter,
  type DeadLetterAction,
} from './dead-letters.ts';
import type { DlqOptions } from './dlq-options.ts';
import { patchMessage, readPatch } from './edit-message.ts';
import { formatDeadLetter, formatSummary } from './format-dead-letter.ts';
import { createManagementApi } from './management-api.ts';
import { replayMessage } from './replay-message.ts';

/** Dead letters of one queue that a list shows. */
const MAX_LISTED = 50;

export async function listDeadLetters(names: readonly string[], context: CliContext): Promise<void> {
  const queues = names.length > 0 ? names.map(toDeadLetterQueue) : await listDeadLetterQueues(context);
  await withConnection(context.environment, 'dlq list', async (connection) => {
    let empty = true;
    for (const queue of queues.sort()) {
      const lines: string[] = [];
      const count = await browseDeadLetters(
        connection,
        queue,
        async (deadLetter) => keepMessage(lines.push(formatSummary(deadLetter))),
        MAX_LISTED,
      );
      if (count === 0) continue;
      empty = false;
      const more = count > lines.length ? `  … and ${count - lines.length} more\n` : '';
      context.write(`${toSourceQueue(queue)}: ${count}\n${lines.join('')}${more}`);
    }
    if (empty) context.write('No dead letters.\n');
  });
}

export async function showDeadLetter(names: readonly string[], context: CliContext): Promise<void> {
  const { queue, id } = parseSelection(names, {});
  await withConnection(context.environment, 'dlq show', async (connection) => {
    await forEachDeadLetter(connection, queue, id, async (deadLetter) =>
      keepMessage(context.write(formatDeadLetter(deadLetter))),
    );
  });
}

export async function replayDeadLetters(
  names: readonly string[],
  options: DlqOptions,
  context: CliContext,
): Promise<void> {
  const { queue, id } = parseSelection(names, options);
  if (options.data !== undefined && options.body !== undefined)
    throw new CliUsageError('Use --data or --body, not both.');
  if (id === undefined && (options.data ?? options.body) !== undefined)
    throw new CliUsageError('Only one message can be edited at a time: give its id.');
  const patch = await readPatch(options);
  await withConnection(context.environment, 'dlq replay', async (connection) => {
    const confirms = await connection.createConfirmChannel();
    confirms.on('error', () => undefined); // the call that caused it rejects with the same error
    const live = toSourceQueue(queue);
    const count = await forEachDeadLetter(connection, queue, id, async (deadLetter) => {
      await replayMessage(confirms, live, deadLetter, patchMessage(deadLetter, patch), new Date());
      return 'remove';
    });
    context.write(`Sent again to ${live}: ${count}\n`);
  });
}

export async function dropDeadLetters(
  names: readonly string[],
  options: DlqOptions,
  context: CliContext,
): Promise<void> {
  const { queue, id } = parseSelection(names, options);
  if (id === undefined && options.yes !== true)
    throw new CliUsageError('This deletes all dead letters of the queue: add --yes.');
  await withConnection(context.environment, 'dlq drop', async (connection) => {
    const count = await forEachDeadLetter(connection, queue, id, async () => 'remove');
    context.write(`Dropped from ${queue}: ${count}\n`);
  });
}

/** The queue and the id of a dead letter; no id means all. */
function parseSelection([name, id, ...rest]: readonly string[], { all = false }: DlqOptions) {
  if (name === undefined) throw new CliUsageError('Which queue?');
  if (rest.length > 0) throw new CliUsageError(`One message at a time; unexpected: ${rest.join(' ')}.`);
  if (all === (id !== undefined))
    throw new CliUsageError(all ? 'Use an id or --all, not both.' : 'Which message?');
  return { queue: toDeadLetterQueue(name), id };
}

/**
 * Visits one dead letter, or all, and resolves with their number.
 * @throws {CliError} if there is no such dead letter.
 */
async function forEachDeadLetter(
  connection: ChannelModel,
  queue: string,
  id: string | undefined,
  visit: (deadLetter: DeadLetter) => Promise<DeadLetterAction>,
): Promise<number> {
  let count = 0;
  await browseDeadLetters(connection, queue, async (deadLetter) => {
    if (id !== undefined && (count > 0 || ![deadLetter.id, `#${deadLetter.position}`].includes(id)))
      return 'keep';
    count += 1;
    return visit(deadLetter);
  });
  if (id !== undefined && count === 0) throw new CliError(`There is no dead letter ${id} in ${queue}.`);
  return count;
}

function keepMessage(_done: unknown): DeadLetterAction {
  return 'keep';
}

async function listDeadLetterQueues({ environment }: CliContext): Promise<string[]> {
  const queues = await createManagementApi(environment).queues();
  return queues.map(({ name }) => name).filter((name) => name.endsWith('.dead'));
}
