import type { UserCaller } from '@plaza/service-kit';
import type { ConsumerInfo, JwtCredential } from '../api/entities.ts';
import type { RevocationList } from './revocation-list.ts';

/** The identity that a valid token proves. */
export type VerifiedToken = VerifiedUserToken | VerifiedConsumerToken;

interface VerifiedTokenBase {
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Identifies the token's subject in logs and rate limits. */
  readonly credential: string;
}

export interface VerifiedUserToken extends VerifiedTokenBase {
  readonly user: UserCaller;
  /** The issuer's. */
  readonly revocations: RevocationList | undefined;
}

export interface VerifiedConsumerToken extends VerifiedTokenBase {
  readonly user?: never;
  readonly consumer: ConsumerInfo;
  /** Its key verified the token. A cached result is void once the consumer has another. */
  readonly jwtCredential: JwtCredential;
}
