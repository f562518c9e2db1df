import { isPlazaError, Unauthorized } from '@plaza/errors';
import {
  createAccessTokenVerifier,
  createAuthenticator,
  currentContext,
  remoteKeys,
  type Authenticator,
  type Caller,
} from '@plaza/service-kit';
import { z } from 'zod';
import type { PluginKind, Visit } from './plugin.ts';

/** The tag of routes whose service judges tokens itself. */
const OWN_AUTHENTICATION = 'own-authentication';

/** Checks users' tokens with the keys at `locate`. Services' tokens are for inside: from outside none holds. */
function outsideAuthenticator(locate: () => string): Authenticator {
  return createAuthenticator({
    accessTokens: createAccessTokenVerifier(remoteKeys((signal) => fetch(locate(), { signal }))),
    serviceTokens: {
      issue: () => Promise.reject(new Error('The gateway calls nobody in its own name.')),
      verify: () => Promise.reject(new Unauthorized('The access token is not valid.')),
    },
  });
}

const schema = z.strictObject({ jwks_url: z.string() });

/**
 * Finds out who is asking. It refuses nobody: that is for `admission`, once the request has been counted,
 * or guessing tokens would be free.
 */
export const authentication: PluginKind<z.output<typeof schema>> = {
  name: 'authentication',
  priority: 1450,
  schema,
  create: ({ jwks_url }, { locate, shared }) => {
    const authenticate = shared(jwks_url, () => outsideAuthenticator(locate(jwks_url)));
    return {
      access: (visit) => {
        const { authorization } = visit.request.headers;
        if (authorization === undefined || visit.route.tags.has(OWN_AUTHENTICATION)) return undefined;
        return identify(visit, authenticate(authorization));
      },
    };
  },
};

async function identify(visit: Visit, verdict: Promise<Caller>): Promise<void> {
  try {
    const caller = await verdict;
    visit.caller = caller;
    const context = currentContext();
    if (context !== undefined && caller.kind === 'user') context.userId = caller.userId;
  } catch (error) {
    if (!isPlazaError(error)) throw error;
    visit.refusal = error;
  }
}

/** Whoever sent a token that does not hold hears of it here. Whether one is needed is for the services to say. */
export const admission: PluginKind = {
  name: 'admission',
  // Right after rate-limiting.
  priority: 909,
  schema: z.unknown(),
  create: () => ({
    access: ({ refusal }) => {
      if (refusal !== undefined) throw refusal;
    },
  }),
};
