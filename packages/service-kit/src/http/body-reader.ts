import express, { type Request, type RequestHandler } from 'express';
import { MalformedRequest, UnsupportedMediaType } from './problem.errors.ts';

/** How the body of a request is read. */
export interface BodyReader {
  /** What documentation names; the commonest first. */
  readonly types: readonly string[];
  /** Leaves what it read as `request.body`. */
  readonly read: RequestHandler;
}

export interface BodyReaderOptions {
  /** Media types that are parsed as JSON. Default `application/json` and all that ends in `+json`. */
  readonly json?: readonly string[];
  /** Media types that are left as text, for the route's schema to parse. Default none. */
  readonly text?: readonly string[];
  /** Whether a body that says it is of another type, or of none, is taken for JSON all the same. Default not. */
  readonly assumeJson?: boolean;
}

const JSON_TYPES = ['application/json', 'application/*+json'];
const LIMIT = '100kb';
const always = () => true;

const parse = express.json({ limit: LIMIT, type: always });

/** A look at what was parsed costs a tenth of a reviver, which JSON.parse calls for every value. */
const parseJson: RequestHandler = (request, response, next) => {
  parse(request, response, (error?: unknown) => {
    if (error !== undefined) next(error);
    else if (hasProtoKey(request.body))
      next(new MalformedRequest('"__proto__" is not allowed as a key of the body.'));
    else next();
  });
};

const readText = express.text({ limit: LIMIT, type: always });

/** Reads bodies of at most 100 kB; a body of another kind is answered with 415, an empty one is none. */
export function createBodyReader(options: BodyReaderOptions = {}): BodyReader {
  const { json = JSON_TYPES, text = [], assumeJson = false } = options;
  const types = [...json, ...text].filter((type) => !type.includes('*'));
  return {
    types,
    read: (request, response, next) => {
      if (request.get('content-length') === '0') next();
      else if (hasContentType(request, text)) readText(request, response, next);
      else if (assumeJson || request.is([...json]) !== false) parseJson(request, response, next);
      else next(toUnsupportedMediaType(request, types));
    },
  };
}

export const jsonBody = createBodyReader();

/** Whether there is a body, and it says that it is of one of the types. */
function hasContentType(request: Request, types: readonly string[]): boolean {
  return types.length > 0 && typeof request.is([...types]) === 'string';
}

function toUnsupportedMediaType(request: Request, types: readonly string[]): UnsupportedMediaType {
  const sent = request.get('content-type') ?? 'nothing';
  return new UnsupportedMediaType(`Send the body as ${types.join(' or ')}, not as ${sent}.`);
}

/** `__proto__` as a key has one use: an attack on code that merges the object. Without recursion: bodies may be deep. */
function hasProtoKey(body: unknown): boolean {
  const open = [body];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) return true;
    for (const inner of Object.values(value)) if (typeof inner === 'object') open.push(inner);
  }
  return false;
}
