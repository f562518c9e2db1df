import { expect, test } from '@jest/globals';
import { testRabbit } from '@plaza/local-stack/testing';
import { BrokerUnavailable } from '@plaza/messaging';
import amqp from 'amqplib';
import { createPublisherConfirms } from '../src/publisher/confirm-channel.ts';

test('a channel that closed just before the message means an absent broker, not an unsendable message', async () => {
  const connection = await amqp.connect((await testRabbit()).url);
  const channel = await connection.createConfirmChannel();
  const confirms = createPublisherConfirms({
    channel,
    maxInFlight: 1,
    confirmTimeoutMs: 1_000,
    onTimeout: () => undefined,
  });
  await channel.close();
  await expect(
    confirms.publish({
      exchange: '',
      routingKey: 'nobody',
      content: Buffer.from('{}'),
      properties: { messageId: 'one' },
    }),
  ).rejects.toThrow(BrokerUnavailable);
  await connection.close();
});
