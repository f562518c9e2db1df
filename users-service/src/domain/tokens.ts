import type { User } from './user.ts';

/** As long as a role or a deletion may take to be noticed by services which only check the signature. */
export const ACCESS_TOKEN_SECONDS = 15 * 60;

/** A refresh token, what it says, and the hash by which it is known again. */
export interface RefreshToken {
  readonly token: string;
  readonly sessionId: string;
  readonly hash: string;
}

/** The making and reading of tokens, as the domain needs it. */
export interface Tokens {
  issueAccess(user: User, sessionId: string): Promise<{ accessToken: string; expiresIn: number }>;
  /** Of a new family. */
  issueRefresh(): RefreshToken;
  /** The next of the same family. */
  renewRefresh(token: RefreshToken): RefreshToken;
  /** Undefined for what is no refresh token of ours. */
  readRefresh(token: string): RefreshToken | undefined;
}
