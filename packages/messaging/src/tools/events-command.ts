import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { parseArguments, runCli, type CliContext } from './cli-runner.ts';
import { withConnection } from './cli-connection.ts';
import { createManagementApi } from './management-api.ts';
import { tailEvents, type TailedMessage, type TailOptions } from './tail.ts';
import { CliError, CliUsageError } from './cli-error.ts';

export const EVENTS_USAGE = `Usage: events tail [options]

Prints a copy of each event as it is published. Consumers still receive all events.

  --type PATTERN       events of these types, as in 'user.*' (can be repeated)
  --aggregate ID       events of one user, post, order …
  --correlation ID     events caused by one request, by its x-request-id
  --exchange NAME      events of these exchanges (default: every topic exchange)
  --json               one JSON envelope per line, for jq

RABBITMQ_URL (default amqp://admin:admin@127.0.0.1:5672) and RABBITMQ_MANAGEMENT_URL are RabbitMQ's addresses.
`;

const OPTIONS = {
  type: { type: 'string', multiple: true },
  aggregate: { type: 'string' },
  correlation: { type: 'string' },
  exchange: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Runs `events …` and resolves with the exit status after Ctrl-C. */
export function eventsCommand(args: readonly string[], context: CliContext): Promise<number> {
  return runCli(EVENTS_USAGE, context, async () => {
    const { values, positionals } = parseArguments(() =>
      parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true }),
    );
    const [command, ...rest] = positionals;
    if (values.help === true) {
      context.write(EVENTS_USAGE);
      return;
    }
    if (command !== 'tail' || rest.length > 0)
      throw new CliUsageError(
        command === undefined ? 'Which command?' : `There is no command "${positionals.join(' ')}".`,
      );
    const { type: types = [], exchange, aggregate, correlation, json = false } = values;
    const exchanges = exchange ?? (await createManagementApi(context.environment).topicExchanges());
    if (exchanges.length === 0) throw new CliError('There is no exchange yet. Start a service first.');
    await followEvents(
      { exchanges, types, aggregate, correlation },
      json ? formatJsonLine : formatLine,
      context,
    );
  });
}

async function followEvents(
  options: TailOptions,
  format: (seen: TailedMessage) => string,
  context: CliContext,
) {
  const { environment, signal, write, writeError } = context;
  await withConnection(environment, 'events tail', async (connection) => {
    const lost = once(connection, 'close');
    await tailEvents(connection, options, (seen) => write(`${format(seen)}\n`));
    writeError(`Listening to ${options.exchanges.join(', ')}. Ctrl-C ends it.\n`);
    const seenEnough = signal.aborted
      ? Promise.resolve('enough')
      : once(signal, 'abort').then(() => 'enough');
    const ending = await Promise.race([seenEnough, lost.then(() => 'lost')]);
    if (ending === 'lost') throw new CliError('RabbitMQ closed the connection.');
  });
}

/** `12:34:56.789 user.created  aggregate #seq  source  correlation  {data}` */
function formatLine(seen: TailedMessage): string {
  if (!('event' in seen))
    return `${' '.repeat(12)} ${seen.routingKey} on ${seen.exchange} is not an event: ${seen.body}`;
  const { timestamp, eventType, aggregateId, seq, source, correlationId, data } = seen.event;
  return `${timestamp.slice(11, 23)} ${eventType.padEnd(20)} ${aggregateId} #${seq}  ${source}  ${correlationId}  ${JSON.stringify(data)}`;
}

const formatJsonLine = (seen: TailedMessage) => JSON.stringify('event' in seen ? seen.event : seen);
