import { Unauthorized } from '@plaza/errors';
import QuickLRU from 'quick-lru';
import { z } from 'zod';

/** The parts of a JSON Web Token (RFC 7519), decoded and not verified. */
export interface ParsedToken {
  readonly header: TokenHeader;
  readonly claims: Claims;
  /** The bytes that the signature covers. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const headerSchema = z.looseObject({ alg: z.string(), kid: z.string().max(256).optional() });

const claimsSchema = z.looseObject({
  iss: z.string().optional(),
  sub: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  /** Seconds since 1970. */
  exp: z.number().optional(),
  nbf: z.number().optional(),
});

type TokenHeader = z.output<typeof headerSchema>;
export type Claims = z.output<typeof claimsSchema>;

const MAX_TOKEN_LENGTH = 4_096;
const JWS_COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

export class TokenInvalid extends Unauthorized {
  constructor(message = 'The access token is not valid.') {
    super(message);
  }
}

/** @throws {TokenInvalid} */
export function parseToken(text: string): ParsedToken {
  const header = parseTokenHeader(text);
  const [head = '', body = '', signature = ''] = text.split('.');
  const claims = claimsSchema.safeParse(decodeJson(body));
  if (!claims.success) throw new TokenInvalid('The access token is malformed.');
  return {
    header,
    claims: claims.data,
    signed: Buffer.from(text.slice(0, head.length + 1 + body.length)),
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** The tokens of one signer have the same header: each header is parsed once. */
const parsedHeaders = new QuickLRU<string, TokenHeader>({ maxSize: 100 });

/** Parses the header alone. @throws {TokenInvalid} */
export function parseTokenHeader(text: string): TokenHeader {
  if (text.length > MAX_TOKEN_LENGTH) throw new TokenInvalid('The access token is too long.');
  if (!JWS_COMPACT.test(text)) throw new TokenInvalid('The access token is malformed.');
  const part = text.slice(0, text.indexOf('.'));
  const known = parsedHeaders.get(part);
  if (known !== undefined) return known;
  const header = headerSchema.safeParse(decodeJson(part));
  if (!header.success) throw new TokenInvalid('The access token is malformed.');
  // Critical extensions (RFC 7515, 4.1.11) must be understood; this parser understands none.
  if ('crit' in header.data) throw new TokenInvalid();
  parsedHeaders.set(part, header.data);
  return header.data;
}

/** Undefined if it is no JSON. */
function decodeJson(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}
