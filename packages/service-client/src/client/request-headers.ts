import { currentContext, REQUEST_ID, type ServiceTokens } from '@plaza/service-kit';
import type { ServiceRequest } from './service-request.ts';

/** What goes along with a call: in whose name it is made, and the request that it belongs to. */
export async function createRequestHeaders(
  as: ServiceRequest['as'],
  tokens: Pick<ServiceTokens, 'issue'>,
): Promise<Record<string, string>> {
  const { requestId, authorization, traceparent } = currentContext() ?? {};
  const theirs = as === 'caller' ? authorization : undefined;
  return {
    ...(as === 'anonymous' ? {} : { Authorization: theirs ?? `Bearer ${await tokens.issue()}` }),
    ...(requestId === undefined ? {} : { [REQUEST_ID]: requestId }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
