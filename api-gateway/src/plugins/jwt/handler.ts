import { createJwks, createTokenCache, type TokenCache } from '@plaza/access-tokens';
import { isPlazaError, Unauthorized } from '@plaza/errors';
import { currentContext } from '@plaza/service-kit';
import { setConsumer } from '../api/consumer-identity.ts';
import type { PluginContext, PluginDefinition } from '../api/plugin.ts';
import type { RequestContext } from '../api/request-context.ts';
import { extractToken } from './extract-token.ts';
import { createRevocationList } from './revocation-list.ts';
import { schema, type Issuer, type JwtConfig } from './schema.ts';
import type { VerifiedToken } from './verified-token.ts';
import { verifyBearerToken, type TokenVerification, type ResolvedIssuer } from './verify-token.ts';

/**
 * Authenticates a user of an issuer, or a consumer, by a token. An invalid token sets `authError`, which is sent only
 * after rate limiting has counted the request, so that failed attempts are limited.
 */
export const jwt: PluginDefinition<JwtConfig> = {
  name: 'jwt',
  priority: 1450,
  schema: schema.describe(
    'Authenticates by a token: a consumer by its `jwt_secrets`, or a user of an issuer. Only RS256 and EdDSA are supported, clocks may differ by 30 s, and verified tokens are cached until they expire.',
  ),
  secretNames: ({ header_names, uri_param_names, cookie_names }) => [
    ...header_names,
    ...uri_param_names,
    ...cookie_names,
  ],
  create: (config, context) => {
    const { consumers, now, shared } = context;
    const issuers = config.issuers.map((issuer) => resolveIssuer(issuer, context));
    const verification: TokenVerification = {
      config,
      issuers,
      consumers,
      now,
      anonymousConsumer: consumers.byNameOrId(config.anonymous),
    };
    const tokenCache = shared(`verdicts ${JSON.stringify(config)}`, () =>
      createTokenCache<VerifiedToken>(now),
    );
    for (const { revocations } of issuers) revocations?.acquire();
    return {
      access: (requestContext) => {
        if (!config.run_on_preflight && requestContext.method === 'OPTIONS') return undefined;
        if (config.anonymous !== undefined && requestContext.credential !== undefined) return undefined;
        return authenticate(requestContext, verification, tokenCache);
      },
      close: () => {
        for (const { revocations } of issuers) revocations?.release();
      },
    };
  },
};

function resolveIssuer(
  issuer: Issuer,
  { resolveUrl, logger, now, serviceToken, shared }: PluginContext,
): ResolvedIssuer {
  const { jwks_uri, revocations_uri } = issuer;
  return {
    ...issuer,
    keys: shared(`keys ${jwks_uri}`, () => createIssuerKeys(resolveUrl(jwks_uri), now)),
    revocations:
      revocations_uri === undefined
        ? undefined
        : shared(`revocations ${revocations_uri}`, () =>
            createRevocationList({ locate: resolveUrl(revocations_uri), serviceToken, logger, now }),
          ),
  };
}

const createIssuerKeys = (keysUrl: () => string, now: () => number) =>
  createJwks({ fetchKeys: async (signal) => fetch(keysUrl(), { redirect: 'error', signal }), now });

function authenticate(
  requestContext: RequestContext,
  verification: TokenVerification,
  tokenCache: TokenCache<VerifiedToken>,
): void | Promise<void> {
  const { config, consumers } = verification;
  let token: string | undefined;
  try {
    token = extractToken(requestContext, config);
  } catch (error) {
    rejectToken(requestContext, error, verification);
    return undefined;
  }
  if (token === undefined) {
    if (config.token_required)
      rejectToken(
        requestContext,
        new Unauthorized('Sign in: send an access token as "Authorization: Bearer …".'),
        verification,
      );
    else if (verification.anonymousConsumer !== undefined)
      setConsumer(requestContext, verification.anonymousConsumer, undefined);
    return undefined;
  }
  const hash = tokenCache.keyOf(token);
  const cached = tokenCache.get(hash);
  if (
    cached?.user !== undefined ||
    (cached !== undefined &&
      consumers.byJwtKey(cached.jwtCredential.key)?.credential === cached.jwtCredential)
  ) {
    acceptToken(requestContext, cached, verification);
    return undefined;
  }
  return verifyAndAuthenticate(
    requestContext,
    verifyBearerToken(token, verification),
    verification,
    (verified) => tokenCache.set(hash, verified),
  );
}

async function verifyAndAuthenticate(
  requestContext: RequestContext,
  verifying: Promise<VerifiedToken>,
  verification: TokenVerification,
  remember: (verifiedToken: VerifiedToken) => void,
): Promise<void> {
  try {
    const verifiedToken = await verifying;
    remember(verifiedToken);
    acceptToken(requestContext, verifiedToken, verification);
  } catch (error) {
    rejectToken(requestContext, error, verification);
  }
}

function acceptToken(
  requestContext: RequestContext,
  verifiedToken: VerifiedToken,
  verification: TokenVerification,
): void {
  if (verifiedToken.user === undefined) {
    setConsumer(requestContext, verifiedToken.consumer, verifiedToken.credential);
    return;
  }
  const { user, revocations, credential } = verifiedToken;
  if (user.sessionId !== undefined && revocations?.has(user.sessionId) === true) {
    rejectToken(
      requestContext,
      new Unauthorized('The session of this access token has ended: sign in again.'),
      verification,
    );
    return;
  }
  requestContext.caller = user;
  requestContext.credential = credential;
  const context = currentContext();
  if (context !== undefined) context.userId = user.userId;
}

/** Sets the anonymous consumer, or else `authError`. @throws an error that is not about the token. */
function rejectToken(
  requestContext: RequestContext,
  error: unknown,
  { anonymousConsumer }: TokenVerification,
): void {
  if (!isPlazaError(error)) throw error;
  if (anonymousConsumer === undefined) requestContext.authError = error;
  else setConsumer(requestContext, anonymousConsumer, undefined);
}
