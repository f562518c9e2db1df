import { z } from 'zod';
import { brokerUrl, type CliEnvironment } from './cli-connection.ts';
import { CliError } from './cli-error.ts';

const exchanges = z.array(z.object({ name: z.string(), type: z.string() }));

const queues = z.array(
  z.object({
    name: z.string(),
    arguments: z.unknown(),
    /** Statistics, which are up to 10 s old and absent for as long after the queue's declaration. */
    messages: z.int().optional(),
    consumers: z.int().optional(),
  }),
);

const consumers = z
  .array(z.object({ queue: z.object({ name: z.string() }), arguments: z.unknown() }))
  .transform((all) => all.map(({ queue, ...consumer }) => ({ queue: queue.name, ...consumer })));

export type ListedQueue = z.output<typeof queues>[number];
export type ListedConsumer = z.output<typeof consumers>[number];

const ANSWER_MS = 5_000;

/** Lists that AMQP itself has no way to ask for. */
export interface ManagementApi {
  /** Names of the topic exchanges, without RabbitMQ's own. */
  topicExchanges(): Promise<string[]>;
  /** `messages` counts those as well that a queue has not yet passed on to its dead-letter exchange. */
  queues(): Promise<ListedQueue[]>;
  consumers(): Promise<ListedConsumer[]>;
}

/** RabbitMQ's management API for one virtual host. Its calls throw a CliError when it does not answer. */
export function createManagementApi(environment: CliEnvironment): ManagementApi {
  const broker = new URL(brokerUrl(environment));
  const base = environment.RABBITMQ_MANAGEMENT_URL ?? `http://${broker.hostname}:15672`;
  const user = `${decodeURIComponent(broker.username)}:${decodeURIComponent(broker.password)}`;
  const vhost = encodeURIComponent(decodeURIComponent(broker.pathname.slice(1)) || '/');

  async function list(kind: 'exchanges' | 'queues' | 'consumers'): Promise<unknown> {
    const url = new URL(`/api/${kind}/${vhost}`, base);
    const response = await fetch(url, {
      headers: { authorization: `Basic ${btoa(user)}` },
      signal: AbortSignal.timeout(ANSWER_MS),
    }).catch(() => undefined);
    if (response === undefined)
      throw new CliError(
        `RabbitMQ's management API does not answer at ${url.host}. Set RABBITMQ_MANAGEMENT_URL to its address, or name the queues or exchanges in the command.`,
      );
    if (!response.ok)
      throw new CliError(`RabbitMQ's management API at ${url.host} answers ${response.status}.`);
    return response.json();
  }

  return {
    topicExchanges: async () =>
      exchanges
        .parse(await list('exchanges'))
        .filter(({ name, type }) => type === 'topic' && !name.startsWith('amq.'))
        .map(({ name }) => name),
    queues: async () => queues.parse(await list('queues')),
    consumers: async () => consumers.parse(await list('consumers')),
  };
}
