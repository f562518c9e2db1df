import { parseArgs } from 'node:util';
import type { ChannelModel } from 'amqplib';
import { parsed, runTool, type Terminal } from './command.ts';
import { withConnection } from './connection.ts';
import { deadQueueOf, liveQueueOf, walk, type DeadLetter, type Verdict } from './dead-letters.ts';
import { describeLetter, summaryOf } from './describe-letter.ts';
import { createManagement } from './management.ts';
import { mend, readMending } from './mending.ts';
import { sendBack } from './replay.ts';
import { ToolError, UsageError } from './tool-error.ts';

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
export function dlqCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  return runTool(DLQ_USAGE, terminal, async () => {
    const { values, positionals } = parsed(() =>
      parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true }),
    );
    const [command, ...names] = positionals;
    if (values.help === true) terminal.write(DLQ_USAGE);
    else if (command === 'list') await list(names, terminal);
    else if (command === 'show') await show(names, terminal);
    else if (command === 'replay') await replay(names, values, terminal);
    else if (command === 'drop') await drop(names, values, terminal);
    else throw new UsageError(command === undefined ? 'Which command?' : `There is no command "${command}".`);
  });
}

async function list(names: readonly string[], terminal: Terminal): Promise<void> {
  const queues =
    names.length > 0
      ? names.map(deadQueueOf)
      : (await createManagement(terminal.environment).queues()).filter((name) => name.endsWith('.dead'));
  await withConnection(terminal.environment, 'dlq list', async (connection) => {
    let empty = true;
    for (const queue of queues.sort()) {
      const lines: string[] = [];
      const count = await walk(
        connection,
        queue,
        async (letter) => keep(lines.push(summaryOf(letter))),
        LISTED,
      );
      if (count === 0) continue;
      empty = false;
      const more = count > lines.length ? `  … and ${count - lines.length} more\n` : '';
      terminal.write(`${liveQueueOf(queue)}: ${count}\n${lines.join('')}${more}`);
    }
    if (empty) terminal.write('No dead letters.\n');
  });
}

async function show(names: readonly string[], terminal: Terminal): Promise<void> {
  const { queue, id } = chosen(names, {});
  await withConnection(terminal.environment, 'dlq show', async (connection) => {
    await forEach(connection, queue, id, async (letter) => keep(terminal.write(describeLetter(letter))));
  });
}

async function replay(names: readonly string[], values: Values, terminal: Terminal): Promise<void> {
  const { queue, id } = chosen(names, values);
  if (values.data !== undefined && values.body !== undefined)
    throw new UsageError('Either --data or --body: the body has its data.');
  if (id === undefined && (values.data ?? values.body) !== undefined)
    throw new UsageError('One message is mended at a time: name it.');
  const mending = await readMending(values);
  await withConnection(terminal.environment, 'dlq replay', async (connection) => {
    const confirms = await connection.createConfirmChannel();
    confirms.on('error', () => undefined); // the call that caused it rejects with the same
    const live = liveQueueOf(queue);
    const count = await forEach(connection, queue, id, async (letter) => {
      await sendBack(confirms, live, letter, mend(letter, mending), new Date());
      return 'remove';
    });
    terminal.write(`Put back into ${live}: ${count}\n`);
  });
}

async function drop(names: readonly string[], values: Values, terminal: Terminal): Promise<void> {
  const { queue, id } = chosen(names, values);
  if (id === undefined && values.yes !== true)
    throw new UsageError('This drops all of them for good: say --yes as well.');
  await withConnection(terminal.environment, 'dlq drop', async (connection) => {
    const count = await forEach(connection, queue, id, async () => 'remove');
    terminal.write(`Dropped from ${queue}: ${count}\n`);
  });
}

/** Which queue, and which letter of it; no id stands for all. */
function chosen([name, id, ...rest]: readonly string[], { all = false }: Values) {
  if (name === undefined) throw new UsageError('Which queue?');
  if (rest.length > 0) throw new UsageError(`One message at a time: what is ${rest.join(' ')}?`);
  if (all === (id !== undefined)) throw new UsageError(all ? 'Either an id or --all.' : 'Which message?');
  return { queue: deadQueueOf(name), id };
}

/** Visits one letter, or all; answers how many. @throws {ToolError} where there is no such letter. */
async function forEach(
  connection: ChannelModel,
  queue: string,
  id: string | undefined,
  visit: (letter: DeadLetter) => Promise<Verdict>,
): Promise<number> {
  let count = 0;
  await walk(connection, queue, async (letter) => {
    if (id !== undefined && (count > 0 || ![letter.id, `#${letter.position}`].includes(id))) return 'keep';
    count += 1;
    return visit(letter);
  });
  if (id !== undefined && count === 0) throw new ToolError(`There is no dead letter ${id} in ${queue}.`);
  return count;
}

function keep(_done: unknown): Verdict {
  return 'keep';
}
