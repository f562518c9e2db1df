import { connect, type ChannelModel } from 'amqplib';
import { toCliError } from './cli-error.ts';

export interface CliEnvironment {
  readonly RABBITMQ_URL?: string | undefined;
  /** Default: the broker's host, port 15672. */
  readonly RABBITMQ_MANAGEMENT_URL?: string | undefined;
}

const CONNECT_MS = 5_000;

/** The course's broker, as docker compose and `npm start` run it. */
const STANDARD_URL = 'amqp://admin:admin@127.0.0.1:5672';

export const brokerUrl = ({ RABBITMQ_URL }: CliEnvironment): string => RABBITMQ_URL ?? STANDARD_URL;

/**
 * Runs the work on a connection and closes it afterwards.
 * @throws {CliError} if the broker is away, or the work fails.
 */
export async function withConnection<T>(
  environment: CliEnvironment,
  name: string,
  work: (connection: ChannelModel) => Promise<T>,
): Promise<T> {
  const url = brokerUrl(environment);
  try {
    const clientProperties = { connection_name: name };
    const connection = await connect(url, { noDelay: true, timeout: CONNECT_MS, clientProperties });
    connection.on('error', () => undefined); // the work's own calls reject with it
    try {
      return await work(connection);
    } finally {
      await connection.close().catch(() => undefined);
    }
  } catch (error) {
    throw toCliError(error, url);
  }
}
