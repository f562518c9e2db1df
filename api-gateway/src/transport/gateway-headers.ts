import type { ServerResponse } from 'node:http';
import type { Express, Response } from 'express';
import { RawHeaderList } from './headers.ts';

const GATEWAY_HEADERS = Symbol('gateway headers');

interface ResponseWithGatewayHeaders extends ServerResponse {
  [GATEWAY_HEADERS]?: RawHeaderList | undefined;
}

/**
 * The headers that the gateway adds to a response, whether the service, a plugin or the gateway sends it. They are
 * kept apart from Node's headers: a whole head in one call costs a third of setting its headers one by one.
 */
export function gatewayHeadersOf(response: ServerResponse): RawHeaderList {
  const target: ResponseWithGatewayHeaders = response;
  return (target[GATEWAY_HEADERS] ??= new RawHeaderList());
}

export function setGatewayHeader(response: ServerResponse, name: string, value: string): void {
  gatewayHeadersOf(response).set(name, value);
}

/** Passes the added headers to `write`, and removes them from the response unless `write` throws. */
export function writeWithGatewayHeaders(
  response: ServerResponse,
  write: (added: RawHeaderList | undefined) => void,
): void {
  const target: ResponseWithGatewayHeaders = response;
  const added = target[GATEWAY_HEADERS];
  target[GATEWAY_HEADERS] = undefined;
  try {
    write(added);
  } catch (error) {
    target[GATEWAY_HEADERS] = added;
    throw error;
  }
}

/** Adds the headers to each response of the app, by extending the prototype of its responses as Express documents it. */
export function addGatewayHeaders({ response: prototype }: Express): void {
  const writeHead = prototype.writeHead;
  prototype.writeHead = function writeHeadWithAdded(this: Response, ...head: unknown[]) {
    writeWithGatewayHeaders(this, (added) => {
      if (added !== undefined && !this.headersSent) setHeaders(this, added);
    });
    return Reflect.apply(writeHead, this, head);
  };
}

function setHeaders(response: Response, { entries }: RawHeaderList): void {
  for (let at = 0; at < entries.length; at += 2) {
    const name = entries[at] ?? '';
    if (name.toLowerCase() === 'vary') response.vary(entries[at + 1] ?? '');
    else if (!response.hasHeader(name)) response.setHeader(name, entries[at + 1] ?? '');
  }
}
