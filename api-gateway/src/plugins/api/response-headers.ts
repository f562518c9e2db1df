import type { OutgoingHttpHeader } from 'node:http';
import type { RequestContext } from './plugin.ts';

/** A header of the answer, once its head is there; its name in small letters. */
export function getResponseHeader(
  { answer, response }: RequestContext,
  name: string,
): OutgoingHttpHeader | undefined {
  return answer === undefined ? response.getHeader(name) : answer.headers.get(name);
}

/** All of them, by name in small letters. */
export function getResponseHeaders({ answer, response }: RequestContext): Readonly<Record<string, unknown>> {
  if (answer === undefined) return response.getHeaders();
  return Object.fromEntries([...answer.headers.names()].map((name) => [name, answer.headers.get(name)]));
}

/** Sets it while nothing has been sent. */
export function setResponseHeader({ answer, response }: RequestContext, name: string, value: string): void {
  if (answer === undefined) response.setHeader(name, value);
  else answer.headers.set(name, value);
}
