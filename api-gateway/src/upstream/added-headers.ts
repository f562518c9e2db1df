import type { ServerResponse } from 'node:http';
import type { Express, Response } from 'express';
import { FlatHeaders } from './flat-headers.ts';

const ADDED = Symbol('added');

interface Answered extends ServerResponse {
  [ADDED]?: FlatHeaders | undefined;
}

/**
 * What the gateway adds to an answer, whoever gives it: the service, a plugin or the gateway itself. They are kept
 * apart from the response, since Node takes a whole head at once for a third of what it costs to set its headers
 * one by one.
 */
export function addedTo(response: ServerResponse): FlatHeaders {
  const answered: Answered = response;
  return (answered[ADDED] ??= new FlatHeaders());
}

/** The same, for who writes them: `write` gets them, and nobody after it, unless it throws. */
export function withAdded(response: ServerResponse, write: (added: FlatHeaders | undefined) => void): void {
  const answered: Answered = response;
  const added = answered[ADDED];
  answered[ADDED] = undefined;
  try {
    write(added);
  } catch (error) {
    answered[ADDED] = added;
    throw error;
  }
}

/** Lets all that this app answers itself carry what was added, by the way in which Express wants to be extended. */
export function carryAdded({ response: prototype }: Express): void {
  const writeHead = prototype.writeHead;
  prototype.writeHead = function writeHeadWithAdded(this: Response, ...head: unknown[]) {
    withAdded(this, (added) => {
      if (added !== undefined && !this.headersSent) setEach(this, added);
    });
    return Reflect.apply(writeHead, this, head);
  };
}

function setEach(response: Response, { flat }: FlatHeaders): void {
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at] ?? '';
    if (name.toLowerCase() === 'vary') response.vary(flat[at + 1] ?? '');
    else if (!response.hasHeader(name)) response.setHeader(name, flat[at + 1] ?? '');
  }
}
