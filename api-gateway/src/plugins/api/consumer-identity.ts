import type { ConsumerEntity } from '../../kong-config/model/entities.ts';
import type { RequestContext } from './plugin.ts';

/**
 * Says who asks: to the plugins that follow, and to the service in Kong's headers. Who was said to before, by
 * another plugin, is forgotten.
 * @param credential undefined for the anonymous consumer.
 */
export function setConsumer(
  requestContext: RequestContext,
  consumer: ConsumerEntity,
  credential: string | undefined,
): void {
  const { headers } = requestContext;
  requestContext.consumer = consumer;
  requestContext.credential = credential;
  headers['x-consumer-id'] = consumer.id;
  headers['x-consumer-username'] = consumer.username;
  setOrDelete(headers, 'x-consumer-custom-id', consumer.customId);
  setOrDelete(headers, 'x-credential-identifier', credential);
  setOrDelete(headers, 'x-anonymous-consumer', credential === undefined ? 'true' : undefined);
}

function setOrDelete(headers: RequestContext['headers'], name: string, value: string | undefined): void {
  if (value === undefined) delete headers[name];
  else headers[name] = value;
}
