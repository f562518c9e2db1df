import type { Consumer } from '../declaration/declaration.ts';
import type { Visit } from './plugin.ts';

/** Says who asks: to the plugins that follow, and to the service in Kong's headers. */
export function identifyConsumer(visit: Visit, consumer: Consumer, credential: string | undefined): void {
  const { headers } = visit;
  visit.consumer = consumer;
  visit.credential = credential;
  headers['x-consumer-id'] = consumer.username;
  headers['x-consumer-username'] = consumer.username;
  if (consumer.customId !== undefined) headers['x-consumer-custom-id'] = consumer.customId;
  if (credential === undefined) headers['x-anonymous-consumer'] = 'true';
  else headers['x-credential-identifier'] = credential;
}
