import { parseArgs } from 'node:util';
import type { ChannelModel } from 'amqplib';
import { parseArguments, runCli, type CliContext } from './cli-runner.ts';
import { withConnection } from './cli-connection.ts';
import {
  toDeadLetterQueue,
  toSourceQueue,
  browseDeadLetters,
  type DeadLetter,
  type DeadLetterAction,
} from './dead-letters.ts';
import { formatDeadLetter, formatSummary } from './format-dead-letter.ts';
import { createManagementApi } from './management-api.ts';
import { patchMessage, readPatch } from './edit-message.ts';
import { replayMessage } from './replay-message.ts';
import { CliError, CliUsageError } from './cli-error.ts';

export const DLQ_USAGE = `Usage: dlq COMMAND [options]

What consumers have given up on: what, why, when; and the way back.

  list [QUEUE …]                    dead letters of all queues, or of these
  show QUEUE ID                     everything about one, its stack and its body
  replay QUEUE ID [--data FILE]     back into its queue; FILE (JSON) in place of its data
                  [--body FILE]     or in place of all of it
  replay QUEUE --all                all that are there now
  drop QUEUE ID                     away for good
  drop QUEUE --all --yes            all that are there now

QUEUE is the consumer's, as in posts-service.user_events; ID is the event's, or #1 for the first in the queue.
RABBITMQ_URL (default amqp://admin:admin@127.0.0.1:5672) and RABBITMQ_MANAGEMENT_URL say where RabbitMQ is.
`;

const OPTIONS = {
  all: { type: 'boolean' },
  yes: { type: 'boolean' },
  data: { type: 'string' },
  body: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Letters of one queue that a list shows. */
const LISTED = 50;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

/** `dlq …`: resolves with the exit status. */
export function dlqCommand(args: readonly string[], context: CliContext): Promise<number> {
  return runCli(DLQ_USAGE, context, async () => {
    const { values, positionals } = parseArguments(() =>
      parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true }),
    );
    const [command, ...names] = positionals;
    if (values.help === true) context.write(DLQ_USAGE);
    else if (command === 'list') await list(names, context);
    else if (command === 'show') await show(names, context);
    else if (command === 'replay') await replay(names, values, context);
    else if (command === 'drop') await drop(names, values, context);
    else
      throw new CliUsageError(command === undefined ? 'Which command?' : `There is no command "${command}".`);
  });
}

async function list(names: readonly string[], context: CliContext): Promise<void> {
  const queues =
    names.length > 0
      ? names.map(toDeadLetterQueue)
      : (await createManagementApi(context.environment).queues()).filter((name) => name.endsWith('.dead'));
  await withConnection(context.environment, 'dlq list', async (connection) => {
    let empty = true;
    for (const queue of queues.sort()) {
      const lines: string[] = [];
      const count = await browseDeadLetters(
        connection,
        queue,
        async (letter) => keepMessage(lines.push(formatSummary(letter))),
        LISTED,
      );
      if (count === 0) continue;
      empty = false;
      const more = count > lines.length ? `  … and ${count - lines.length} more\n` : '';
      context.write(`${toSourceQueue(queue)}: ${count}\n${lines.join('')}${more}`);
    }
    if (empty) context.write('No dead letters.\n');
  });
}

async function show(names: readonly string[], context: CliContext): Promise<void> {
  const { queue, id } = parseSelection(names, {});
  await withConnection(context.environment, 'dlq show', async (connection) => {
    await forEachDeadLetter(connection, queue, id, async (letter) =>
      keepMessage(context.write(formatDeadLetter(letter))),
    );
  });
}

async function replay(names: readonly string[], values: Values, context: CliContext): Promise<void> {
  const { queue, id } = parseSelection(names, values);
  if (values.data !== undefined && values.body !== undefined)
    throw new CliUsageError('Either --data or --body: the body has its data.');
  if (id === undefined && (values.data ?? values.body) !== undefined)
    throw new CliUsageError('One message is mended at a time: name it.');
  const patch = await readPatch(values);
  await withConnection(context.environment, 'dlq replay', async (connection) => {
    const confirms = await connection.createConfirmChannel();
    confirms.on('error', () => undefined); // the call that caused it rejects with the same
    const live = toSourceQueue(queue);
    const count = await forEachDeadLetter(connection, queue, id, async (letter) => {
      await replayMessage(confirms, live, letter, patchMessage(letter, patch), new Date());
      return 'remove';
    });
    context.write(`Put back into ${live}: ${count}\n`);
  });
}

async function drop(names: readonly string[], values: Values, context: CliContext): Promise<void> {
  const { queue, id } = parseSelection(names, values);
  if (id === undefined && values.yes !== true)
    throw new CliUsageError('This drops all of them for good: say --yes as well.');
  await withConnection(context.environment, 'dlq drop', async (connection) => {
    const count = await forEachDeadLetter(connection, queue, id, async () => 'remove');
    context.write(`Dropped from ${queue}: ${count}\n`);
  });
}

/** Which queue, and which letter of it; no id stands for all. */
function parseSelection([name, id, ...rest]: readonly string[], { all = false }: Values) {
  if (name === undefined) throw new CliUsageError('Which queue?');
  if (rest.length > 0) throw new CliUsageError(`One message at a time: what is ${rest.join(' ')}?`);
  if (all === (id !== undefined)) throw new CliUsageError(all ? 'Either an id or --all.' : 'Which message?');
  return { queue: toDeadLetterQueue(name), id };
}

/** Visits one letter, or all; answers how many. @throws {CliError} where there is no such letter. */
async function forEachDeadLetter(
  connection: ChannelModel,
  queue: string,
  id: string | undefined,
  visit: (letter: DeadLetter) => Promise<DeadLetterAction>,
): Promise<number> {
  let count = 0;
  await browseDeadLetters(connection, queue, async (letter) => {
    if (id !== undefined && (count > 0 || ![letter.id, `#${letter.position}`].includes(id))) return 'keep';
    count += 1;
    return visit(letter);
  });
  if (id !== undefined && count === 0) throw new CliError(`There is no dead letter ${id} in ${queue}.`);
  return count;
}

function keepMessage(_done: unknown): DeadLetterAction {
  return 'keep';
}
