import { createHash } from 'node:crypto';
import { Unauthorized } from '@plaza/errors';
import { setConsumer } from '../api/consumer-identity.ts';
import type { PluginDefinition } from '../api/plugin.ts';
import type { RequestContext } from '../api/request-context.ts';
import { removeQueryParameter, queryParameter } from '../api/query-string.ts';
import { schema, type KeyAuthConfig } from './schema.ts';

/** Authenticates consumers by the keys of their `keyauth_credentials`. */
export const keyAuth: PluginDefinition<KeyAuthConfig> = {
  name: 'key-auth',
  priority: 1250,
  schema: schema.describe('Authenticates a consumer by one of its `keyauth_credentials`.'),
  secretNames: ({ key_names }) => key_names,
  create: (config, context) => {
    const anonymousConsumer = context.consumers.byNameOrId(config.anonymous);
    return {
      access: (requestContext) => {
        if (!config.run_on_preflight && requestContext.method === 'OPTIONS') return;
        // With an anonymous consumer, another authentication plugin may already have succeeded: that is enough.
        if (config.anonymous !== undefined && requestContext.credential !== undefined) return;
        const key = extractKey(requestContext, config);
        const consumer = typeof key === 'string' ? context.consumers.byApiKey(key) : undefined;
        if (consumer !== undefined && typeof key === 'string')
          setConsumer(requestContext, consumer, `key:${fingerprint(key)}`);
        else if (anonymousConsumer === undefined) requestContext.authError = toUnauthorized(key);
        else setConsumer(requestContext, anonymousConsumer, undefined);
      },
    };
  },
};

/** The key; undefined if there is none, null if one name has several. */
function extractKey(requestContext: RequestContext, config: KeyAuthConfig): string | null | undefined {
  for (const name of config.key_names) {
    const sent = config.key_in_header ? requestContext.headers[name] : undefined;
    const found =
      sent ?? (config.key_in_query ? queryParameter(requestContext.upstreamQuery, name) : undefined);
    if (found === undefined || found === '') continue;
    if (config.hide_credentials) hideCredentials(requestContext, name);
    return typeof found === 'string' ? found : null;
  }
  return undefined;
}

function hideCredentials(requestContext: RequestContext, name: string): void {
  delete requestContext.headers[name];
  requestContext.upstreamQuery = removeQueryParameter(requestContext.upstreamQuery, name);
}

function toUnauthorized(key: string | null | undefined): Unauthorized {
  if (key === null) return new Unauthorized('The request has more than one API key.');
  return new Unauthorized(key === undefined ? 'The request has no API key.' : 'The API key is not valid.');
}

/** Identifies the key in logs and rate limits without revealing it. */
function fingerprint(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 16);
}
