import { isPlazaError, Unauthorized } from '@plaza/errors';
import { currentContext } from '@plaza/service-kit';
import { identifyConsumer } from '../identity.ts';
import type { PluginContext, PluginKind, Visit } from '../plugin.ts';
import { findToken } from './find-token.ts';
import { judge, type Judging, type KnownIssuer } from './judge.ts';
import { createKeySet } from './key-set.ts';
import { createRevocations } from './revocations.ts';
import { schema, type Issuer, type JwtConfig } from './schema.ts';
import { createVerdicts, type Verdict, type Verdicts } from './verdicts.ts';

/**
 * Finds out by a token who asks: a user of an issuer, or a consumer. A token that does not hold becomes the
 * visit's refusal, which is answered once the request has been counted, or guessing would be free.
 */
export const jwt: PluginKind<JwtConfig> = {
  name: 'jwt',
  priority: 1450,
  schema: schema.describe(
    'Finds out by a token who asks: a consumer, by its `jwt_secrets`, or a user of an issuer. RS256 and EdDSA alone are believed, clocks may differ by 30 s, and verdicts are kept until the token expires.',
  ),
  secretNames: ({ header_names, uri_param_names, cookie_names }) => [
    ...header_names,
    ...uri_param_names,
    ...cookie_names,
  ],
  create: (config, context) => {
    const { consumers, now, shared } = context;
    const issuers = config.issuers.map((issuer) => knownIssuer(issuer, context));
    const judging: Judging = {
      config,
      issuers,
      consumers,
      now,
      nobody: consumers.named(config.anonymous),
    };
    const verdicts = shared(`verdicts ${JSON.stringify(config)}`, () => createVerdicts(now));
    for (const { revocations } of issuers) revocations?.use();
    return {
      access: (visit) => {
        if (!config.run_on_preflight && visit.method === 'OPTIONS') return undefined;
        if (config.anonymous !== undefined && visit.credential !== undefined) return undefined;
        return identify(visit, judging, verdicts);
      },
      close: () => {
        for (const { revocations } of issuers) revocations?.release();
      },
    };
  },
};

function knownIssuer(
  issuer: Issuer,
  { locate, logger, now, serviceToken, shared }: PluginContext,
): KnownIssuer {
  const { jwks_uri, revocations_uri } = issuer;
  return {
    ...issuer,
    keys: shared(`keys ${jwks_uri}`, () => createKeySet({ locate: locate(jwks_uri), now })),
    revocations:
      revocations_uri === undefined
        ? undefined
        : shared(`revocations ${revocations_uri}`, () =>
            createRevocations({ locate: locate(revocations_uri), serviceToken, logger, now }),
          ),
  };
}

function identify(visit: Visit, judging: Judging, verdicts: Verdicts): void | Promise<void> {
  const { config, consumers } = judging;
  let token: string | undefined;
  try {
    token = findToken(visit, config);
  } catch (error) {
    refuse(visit, error, judging);
    return undefined;
  }
  if (token === undefined) {
    if (config.token_required)
      refuse(visit, new Unauthorized('Sign in: send an access token as "Authorization: Bearer …".'), judging);
    else if (judging.nobody !== undefined) identifyConsumer(visit, judging.nobody, undefined);
    return undefined;
  }
  const hash = verdicts.hashOf(token);
  const verdict = verdicts.get(hash);
  if (
    verdict?.user !== undefined ||
    (verdict !== undefined && consumers.withJwtKey(verdict.secret.key)?.secret === verdict.secret)
  ) {
    believe(visit, verdict, judging);
    return undefined;
  }
  return identifyAnew(visit, judge(token, judging), judging, (judged) => verdicts.set(hash, judged));
}

async function identifyAnew(
  visit: Visit,
  judgement: Promise<Verdict>,
  judging: Judging,
  remember: (verdict: Verdict) => void,
): Promise<void> {
  try {
    const verdict = await judgement;
    remember(verdict);
    believe(visit, verdict, judging);
  } catch (error) {
    refuse(visit, error, judging);
  }
}

function believe(visit: Visit, verdict: Verdict, judging: Judging): void {
  if (verdict.user === undefined) {
    identifyConsumer(visit, verdict.consumer, verdict.credential);
    return;
  }
  const { user, revocations, credential } = verdict;
  if (user.sessionId !== undefined && revocations?.has(user.sessionId) === true) {
    refuse(visit, new Unauthorized('The access token’s login has ended: sign in again.'), judging);
    return;
  }
  visit.caller = user;
  visit.credential = credential;
  const context = currentContext();
  if (context !== undefined) context.userId = user.userId;
}

/** With an `anonymous` consumer nobody is refused. @throws what is no refusal. */
function refuse(visit: Visit, error: unknown, { nobody }: Judging): void {
  if (!isPlazaError(error)) throw error;
  if (nobody === undefined) visit.refusal = error;
  else identifyConsumer(visit, nobody, undefined);
}
