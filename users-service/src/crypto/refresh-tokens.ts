import { createHash, randomBytes } from 'node:crypto';
import type { RefreshToken } from '../domain/tokens.ts';

const FORMAT = /^([\w-]{22})\.([\w-]{43})$/;
const FAMILY_BYTES = 16;
const SECRET_BYTES = 32;

/**
 * `FAMILY.SECRET`, both random. The session's id is made from the family but does not give it away, so that
 * only who has held a token of a family can name it: a wrong secret in it means a reuse, never a guess.
 */
export function issueRefreshToken(): RefreshToken {
  return toRefreshToken(randomString(FAMILY_BYTES), randomString(SECRET_BYTES));
}

/** A new secret in the same family. */
export function renewRefreshToken({ token }: RefreshToken): RefreshToken {
  const [family = ''] = token.split('.', 1);
  return toRefreshToken(family, randomString(SECRET_BYTES));
}

export function parseRefreshToken(text: string): RefreshToken | undefined {
  const [, family, secret] = FORMAT.exec(text) ?? [];
  return family === undefined || secret === undefined ? undefined : toRefreshToken(family, secret);
}

function toRefreshToken(family: string, secret: string): RefreshToken {
  const token = `${family}.${secret}`;
  return { token, sessionId: sha256(family).slice(0, 22), hash: sha256(token) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function randomString(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
