import type { OutgoingHttpHeader } from 'node:http';
import type { RequestContext } from './request-context.ts';

/**
 * A header of the response, once its head exists.
 * @param name in lower case.
 */
export function getResponseHeader(
  { upstreamResponse, response }: RequestContext,
  name: string,
): OutgoingHttpHeader | undefined {
  return upstreamResponse === undefined ? response.getHeader(name) : upstreamResponse.headers.get(name);
}

/** All headers of the response, by name in lower case. */
export function getResponseHeaders({
  upstreamResponse,
  response,
}: RequestContext): Readonly<Record<string, unknown>> {
  if (upstreamResponse === undefined) return response.getHeaders();
  const { headers } = upstreamResponse;
  return Object.fromEntries([...headers.names()].map((name) => [name, headers.get(name)]));
}

/** Sets a header of the response before its head is sent. */
export function setResponseHeader(
  { upstreamResponse, response }: RequestContext,
  name: string,
  value: string,
): void {
  if (upstreamResponse === undefined) response.setHeader(name, value);
  else upstreamResponse.headers.set(name, value);
}
