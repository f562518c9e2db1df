import { hash } from 'node:crypto';
import type { RequestContext } from '../api/request-context.ts';
import type { ProxyCacheConfig } from './schema.ts';

/** The keys that a response may be cached under. */
export interface CacheKeys {
  /** For all clients. */
  readonly shared: string;
  /** For requests with the same credentials; equal to `shared` for requests without. */
  readonly perCredential: string;
}

/** Requests whose Vary headers are stored at most; the most recent ones are kept. */
const MAX_VARY_ENTRIES = 10_000;

/** Host and protocol of the request: services build links and redirects from them. */
const ADDRESS_HEADERS = ['x-forwarded-proto', 'x-forwarded-host'];

/** Creates cache keys, and stores the Vary headers of responses. */
export function createCacheKeys({ vary_query_params, vary_headers, ignore_uri_case }: ProxyCacheConfig) {
  const varying = new Map<string, readonly string[]>();
  const counted = vary_query_params === undefined ? undefined : new Set(vary_query_params);

  function baseOf(requestContext: RequestContext): string {
    const path = ignore_uri_case ? requestContext.upstreamPath.toLowerCase() : requestContext.upstreamPath;
    const addressed = joinHeaders(requestContext, ADDRESS_HEADERS);
    return hash(
      'sha256',
      [
        requestContext.route.name,
        requestContext.method,
        path,
        queryOf(requestContext),
        addressed,
        joinHeaders(requestContext, vary_headers),
      ].join('\n'),
    );
  }

  function queryOf({ upstreamQuery }: RequestContext): string {
    if (upstreamQuery === '') return '';
    const args = [...new URLSearchParams(upstreamQuery)].filter(([name]) => counted?.has(name) ?? true);
    // Sort by name only: the order of values of one name matters.
    return new URLSearchParams(args.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))).toString();
  }

  return {
    keysFor: (requestContext: RequestContext): CacheKeys => {
      const base = baseOf(requestContext);
      const variant = `${base}\n${joinHeaders(requestContext, varying.get(base) ?? [])}`;
      const shared = hash('sha256', variant);
      const who = joinCredentials(requestContext);
      return { shared, perCredential: who === '' ? shared : hash('sha256', `${variant}\n${who}`) };
    },
    /** @param vary the Vary header of the response to this request. */
    rememberVary: (requestContext: RequestContext, vary: string | undefined): void => {
      const base = baseOf(requestContext);
      varying.delete(base);
      if (vary === undefined) return;
      varying.set(
        base,
        vary
          .toLowerCase()
          .split(/\s*,\s*/)
          .toSorted(),
      );
      const oldest = varying.keys().next();
      if (varying.size > MAX_VARY_ENTRIES && oldest.done !== true) varying.delete(oldest.value);
    },
  };
}

function joinHeaders({ headers }: RequestContext, names: readonly string[]): string {
  return names.map((name) => `${name}=${String(headers[name] ?? '')}`).join('\n');
}

function joinCredentials({ headers, consumer, credential }: RequestContext): string {
  const { authorization = '', cookie = '' } = headers;
  const known = consumer?.username ?? credential;
  return authorization === '' && cookie === '' && known === undefined
    ? ''
    : [authorization, cookie, known ?? ''].join('\n');
}
