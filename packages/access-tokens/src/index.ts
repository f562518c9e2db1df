export { createJwks, type JwksOptions } from './jwks.ts';
export { parseToken, parseTokenHeader, TokenInvalid, type Claims, type ParsedToken } from './parse-token.ts';
export { parseScopes } from './scopes.ts';
export {
  parseJwk,
  parsePemKey,
  toVerificationKey,
  verifySignature,
  type SignatureAlgorithm,
  type VerificationKey,
} from './signature.ts';
export { createTokenCache, type TokenCache } from './token-cache.ts';
export {
  assertTimeClaims,
  CLOCK_SKEW_SECONDS,
  expiryTime,
  verifyToken,
  type ExpectedToken,
  type VerificationKeys,
  type VerifiedClaims,
} from './verify-token.ts';
