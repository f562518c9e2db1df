import { parse } from 'node:querystring';
import { Unauthorized } from '@plaza/errors';
import type { RequestContext } from '../api/request-context.ts';
import type { JwtConfig } from './schema.ts';

type TokenLocations = Pick<JwtConfig, 'header_names' | 'cookie_names' | 'uri_param_names'>;

const BEARER = /^Bearer +([\w.~+/=-]+)$/i;

/**
 * The token of a request; undefined if there is none.
 * @throws {Unauthorized} for two different tokens, or a header that carries no token.
 */
export function extractToken(requestContext: RequestContext, locations: TokenLocations): string | undefined {
  let found = fromHeaders(requestContext, locations.header_names);
  if (locations.cookie_names.length > 0)
    found = mergeTokens(found, fromCookies(requestContext, locations.cookie_names));
  // Nearly no request has its token in the query: do not parse the query without need.
  if (requestContext.upstreamQuery !== '' && locations.uri_param_names.length > 0)
    found = mergeTokens(found, fromQuery(requestContext, locations.uri_param_names));
  return found;
}

function mergeTokens(one: string | undefined, other: string | undefined): string | undefined {
  if (one !== undefined && other !== undefined && one !== other)
    throw new Unauthorized('The request has more than one access token.');
  return one ?? other;
}

function fromHeaders({ request: { headers } }: RequestContext, names: readonly string[]): string | undefined {
  let found: string | undefined;
  for (const name of names) {
    const value = headers[name];
    if (value === undefined || value === '') continue;
    const token = typeof value === 'string' ? BEARER.exec(value)?.[1] : undefined;
    if (token === undefined)
      throw new Unauthorized(`The header ${name} must read "Bearer TOKEN", with an access token.`);
    found = mergeTokens(found, token);
  }
  return found;
}

function fromCookies({ request: { headers } }: RequestContext, names: readonly string[]): string | undefined {
  const cookies = headers.cookie === undefined ? {} : parse(headers.cookie, ';', '=');
  const byName = new Map(Object.entries(cookies).map(([name, value]) => [name.trim(), value]));
  return names.flatMap((name) => byName.get(name) ?? []).reduce<string | undefined>(mergeTokens, undefined);
}

function fromQuery({ upstreamQuery }: RequestContext, names: readonly string[]): string | undefined {
  const args = new URLSearchParams(upstreamQuery);
  return names.flatMap((name) => args.getAll(name)).reduce<string | undefined>(mergeTokens, undefined);
}
