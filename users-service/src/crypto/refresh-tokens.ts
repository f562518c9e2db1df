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
  return tokenOf(random(FAMILY_BYTES), random(SECRET_BYTES));
}

/** A new secret in the same family. */
export function renewRefreshToken({ token }: RefreshToken): RefreshToken {
  const [family = ''] = token.split('.', 1);
  return tokenOf(family, random(SECRET_BYTES));
}

export function readRefreshToken(text: string): RefreshToken | undefined {
  const [, family, secret] = FORMAT.exec(text) ?? [];
  return family === undefined || secret === undefined ? undefined : tokenOf(family, secret);
}

function tokenOf(family: string, secret: string): RefreshToken {
  const token = `${family}.${secret}`;
  return { token, sessionId: sha256(family).slice(0, 22), hash: sha256(token) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function random(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
