import { z } from 'zod';
import { brokerUrl, type CliEnvironment } from './cli-connection.ts';
import { CliError } from './cli-error.ts';

const named = z.array(z.object({ name: z.string(), type: z.string() }));
const ANSWER_MS = 5_000;

/** What only the management API knows: which exchanges and queues there are. */
export interface ManagementApi {
  /** Names of the topic exchanges that are not RabbitMQ's own. */
  topicExchanges(): Promise<string[]>;
  queues(): Promise<string[]>;
}

export function createManagementApi(environment: CliEnvironment): ManagementApi {
  const broker = new URL(brokerUrl(environment));
  const base = environment.RABBITMQ_MANAGEMENT_URL ?? `http://${broker.hostname}:15672`;
  const user = `${decodeURIComponent(broker.username)}:${decodeURIComponent(broker.password)}`;
  const vhost = encodeURIComponent(decodeURIComponent(broker.pathname.slice(1)) || '/');

  async function list(kind: 'exchanges' | 'queues') {
    const url = new URL(`/api/${kind}/${vhost}`, base);
    const response = await fetch(url, {
      headers: { authorization: `Basic ${btoa(user)}` },
      signal: AbortSignal.timeout(ANSWER_MS),
    }).catch(() => undefined);
    if (response === undefined)
      throw new CliError(
        `RabbitMQ's management API does not answer at ${url.host}. RABBITMQ_MANAGEMENT_URL says where it is; without it, name what you want to see.`,
      );
    if (!response.ok)
      throw new CliError(`RabbitMQ's management API at ${url.host} answers ${response.status}.`);
    return named.parse(await response.json());
  }

  return {
    topicExchanges: async () =>
      (await list('exchanges'))
        .filter(({ name, type }) => type === 'topic' && !name.startsWith('amq.'))
        .map(({ name }) => name),
    queues: async () => (await list('queues')).map(({ name }) => name),
  };
}
