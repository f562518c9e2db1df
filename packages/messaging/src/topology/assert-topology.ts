import type { Channel, ChannelModel } from 'amqplib';
import type { TopologyDeclaration } from './declarations.ts';
import { describeDifference, isPreconditionFailed, TopologyMismatch } from './topology-mismatch.ts';

/**
 * Declares what is missing on the broker and compares the rest.
 * @throws {TopologyMismatch} with all differences; any other error of the broker or the connection.
 */
export async function assertTopology(
  connection: ChannelModel,
  declarations: readonly TopologyDeclaration[],
): Promise<void> {
  const differences: string[] = [];
  let channel = await openChannel(connection);
  for (const declaration of declarations) {
    try {
      await declare(channel, declaration);
    } catch (error) {
      if (!isPreconditionFailed(error)) throw error;
      differences.push(describeDifference(declaration, error.message));
      channel = await openChannel(connection); // the broker closes the channel of a refused declaration
    }
  }
  await channel.close();
  if (differences.length > 0) throw new TopologyMismatch(differences);
}

async function openChannel(connection: ChannelModel): Promise<Channel> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined); // the call that caused it rejects with the same error
  return channel;
}

function declare(channel: Channel, declaration: TopologyDeclaration): Promise<unknown> {
  switch (declaration.kind) {
    case 'exchange':
      return channel.assertExchange(declaration.name, 'topic', { durable: true });
    case 'queue':
      return channel.assertQueue(declaration.name, {
        durable: true,
        arguments: declaration.arguments,
      });
    case 'binding':
      return channel.bindQueue(declaration.queue, declaration.exchange, declaration.key);
  }
}
