import { parseArgs } from 'node:util';
import { CliUsageError } from './cli-error.ts';
import { parseArguments, runCli, type CliContext } from './cli-runner.ts';
import {
  dropDeadLetters,
  listDeadLetters,
  replayDeadLetters,
  showDeadLetter,
} from './dead-letter-commands.ts';
import { DLQ_OPTIONS } from './dlq-options.ts';
import { pruneCommand } from './prune-command.ts';

export const DLQ_USAGE = `Usage: dlq COMMAND [options]

Shows the messages that consumers have given up on, and puts them back or drops them.

  list [QUEUE …]                    the dead letters of all queues, or of these
  show QUEUE ID                     one dead letter with its stack and its body
  replay QUEUE ID [--data FILE]     send it to its queue again, with the JSON of FILE as its data
                  [--body FILE]     or as its whole body
  replay QUEUE --all                send all of them to their queue again
  drop QUEUE ID                     delete one
  drop QUEUE --all --yes            delete all of them
  prune [--dry-run] [--wait SECS]   delete empty retry queues of delays that no running consumer uses;
                                    looks twice, SECS apart (default 20)

QUEUE is the consumer's queue, as in posts-service.user_events. ID is the event's id, or #1 for the first in the queue.
RABBITMQ_URL (default amqp://admin:admin@127.0.0.1:5672) and RABBITMQ_MANAGEMENT_URL are RabbitMQ's addresses.
`;

/** Runs `dlq …` and resolves with the exit status. */
export function dlqCommand(args: readonly string[], context: CliContext): Promise<number> {
  return runCli(DLQ_USAGE, context, async () => {
    const { values, positionals } = parseArguments(() =>
      parseArgs({ args: [...args], options: DLQ_OPTIONS, allowPositionals: true }),
    );
    const [command, ...names] = positionals;
    if (values.help === true) context.write(DLQ_USAGE);
    else if (command === 'list') await listDeadLetters(names, context);
    else if (command === 'show') await showDeadLetter(names, context);
    else if (command === 'replay') await replayDeadLetters(names, values, context);
    else if (command === 'drop') await dropDeadLetters(names, values, context);
    else if (command === 'prune') await pruneCommand(names, values, context);
    else
      throw new CliUsageError(command === undefined ? 'Which command?' : `There is no command "${command}".`);
  });
}
