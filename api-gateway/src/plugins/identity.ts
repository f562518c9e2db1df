import type { Consumer } from '../declaration/declaration.ts';
import type { PluginContext, Visit } from './plugin.ts';

/**
 * Says who asks: to the plugins that follow, and to the service in Kong's headers. Who was said to before, by
 * another plugin, is forgotten.
 * @param credential undefined for the anonymous consumer.
 */
export function identifyConsumer(visit: Visit, consumer: Consumer, credential: string | undefined): void {
  const { headers } = visit;
  visit.consumer = consumer;
  visit.credential = credential;
  headers['x-consumer-id'] = consumer.username;
  headers['x-consumer-username'] = consumer.username;
  setOrDelete(headers, 'x-consumer-custom-id', consumer.customId);
  setOrDelete(headers, 'x-credential-identifier', credential);
  setOrDelete(headers, 'x-anonymous-consumer', credential === undefined ? 'true' : undefined);
}

function setOrDelete(headers: Visit['headers'], name: string, value: string | undefined): void {
  if (value === undefined) delete headers[name];
  else headers[name] = value;
}

/** The consumer that everybody is whom nobody knows. One that is not there lets nobody in, and is said once. */
export function anonymousConsumer(
  username: string | undefined,
  { consumers, logger, name }: PluginContext,
): Consumer | undefined {
  if (username === undefined) return undefined;
  const consumer = consumers.named(username);
  if (consumer === undefined)
    logger.warn('the anonymous consumer of a plugin is not there', { plugin: name, username });
  return consumer;
}
