import type { ConsumerInfo } from './entities.ts';
import type { RequestContext, UpstreamHeaders } from './request-context.ts';

/**
 * Sets the consumer of a request, and Kong's headers that name it to the service. Replaces the consumer that
 * another plugin has set.
 * @param credential undefined for the anonymous consumer.
 */
export function setConsumer(
  requestContext: RequestContext,
  consumer: ConsumerInfo,
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

function setOrDelete(headers: UpstreamHeaders, name: string, value: string | undefined): void {
  if (value === undefined) delete headers[name];
  else headers[name] = value;
}
