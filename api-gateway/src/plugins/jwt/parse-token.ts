import { Unauthorized } from '@plaza/errors';
import QuickLRU from 'quick-lru';
import { z } from 'zod';
import { safeJsonParse } from '../../util/safe-json-parse.ts';

/** A JSON Web Token in its three parts (RFC 7519), read and not yet believed. */
export interface ParsedToken {
  readonly header: z.output<typeof header>;
  readonly claims: Claims;
  /** What the signature is for. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const header = z.looseObject({ alg: z.string(), kid: z.string().max(256).optional() });

const claims = z.looseObject({
  iss: z.string().optional(),
  sub: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  /** Seconds since 1970. */
  exp: z.number().optional(),
  nbf: z.number().optional(),
});

export type Claims = z.output<typeof claims>;

const MAX_TOKEN_LENGTH = 4_096;
const JWS_COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

export class TokenInvalid extends Unauthorized {
  constructor(message = 'The access token is not valid.') {
    super(message);
  }
}

/** @throws {TokenInvalid} */
export function parseToken(text: string): ParsedToken {
  if (text.length > MAX_TOKEN_LENGTH) throw new TokenInvalid('The access token is too long.');
  if (!JWS_COMPACT.test(text)) throw new TokenInvalid('The access token is malformed.');
  const [head = '', body = '', signature = ''] = text.split('.');
  const read = claims.safeParse(json(body));
  if (!read.success) throw new TokenInvalid('The access token is malformed.');
  return {
    header: parseHeader(head),
    claims: read.data,
    signed: Buffer.from(text.slice(0, head.length + 1 + body.length)),
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** Tokens of one signer have one header: it is read once. */
const headers = new QuickLRU<string, ParsedToken['header']>({ maxSize: 100 });

function parseHeader(part: string): ParsedToken['header'] {
  const known = headers.get(part);
  if (known !== undefined) return known;
  const read = header.safeParse(json(part));
  if (!read.success) throw new TokenInvalid('The access token is malformed.');
  // What must be understood (RFC 7515, 4.1.11) is not: nothing but the basics is.
  if ('crit' in read.data) throw new TokenInvalid();
  headers.set(part, read.data);
  return read.data;
}

const json = (part: string): unknown => safeJsonParse(Buffer.from(part, 'base64url').toString());
