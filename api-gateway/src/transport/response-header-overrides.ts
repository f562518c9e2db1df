import type { ServerResponse } from 'node:http';
import type { Express, Response } from 'express';
import { RawHeaderList } from './raw-header-list.ts';

const OVERRIDES = Symbol('header overrides');

interface ResponseWithOverrides extends ServerResponse {
  [OVERRIDES]?: RawHeaderList | undefined;
}

/**
 * What the gateway adds to an answer, whoever gives it: the service, a plugin or the gateway itself. They are kept
 * apart from the response, since Node takes a whole head at once for a third of what it costs to set its headers
 * one by one.
 */
export function headerOverridesOf(response: ServerResponse): RawHeaderList {
  const target: ResponseWithOverrides = response;
  return (target[OVERRIDES] ??= new RawHeaderList());
}

/** The same, for who writes them: `write` gets them, and nobody after it, unless it throws. */
export function writeWithHeaderOverrides(
  response: ServerResponse,
  write: (overrides: RawHeaderList | undefined) => void,
): void {
  const target: ResponseWithOverrides = response;
  const overrides = target[OVERRIDES];
  target[OVERRIDES] = undefined;
  try {
    write(overrides);
  } catch (error) {
    target[OVERRIDES] = overrides;
    throw error;
  }
}

/** Lets all that this app answers itself carry what was added, by the way in which Express wants to be extended. */
export function applyHeaderOverrides({ response: prototype }: Express): void {
  const writeHead = prototype.writeHead;
  prototype.writeHead = function writeHeadWithAdded(this: Response, ...head: unknown[]) {
    writeWithHeaderOverrides(this, (overrides) => {
      if (overrides !== undefined && !this.headersSent) setHeaders(this, overrides);
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
