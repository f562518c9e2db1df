import express, { type RequestHandler } from 'express';
import { UnsupportedMediaType } from './problem.errors.ts';

/** `__proto__` as a key has one use: to attack whoever merges the object. */
function refusePrototypes(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('"__proto__" is not allowed as a key');
  return value;
}

const TYPES = ['application/json', 'application/*+json'];

const parse = express.json({ limit: '100kb', type: TYPES, reviver: refusePrototypes });

/** Parses a JSON body of at most 100 kB; a body of another kind is answered with 415, an empty one is none. */
export const jsonBody: RequestHandler = (request, response, next) => {
  if (request.get('content-length') === '0') {
    next();
    return;
  }
  if (request.is(TYPES) === false) {
    next(
      new UnsupportedMediaType(
        `Send the body as application/json, not as ${request.get('content-type') ?? 'nothing'}.`,
      ),
    );
    return;
  }
  parse(request, response, next);
};
