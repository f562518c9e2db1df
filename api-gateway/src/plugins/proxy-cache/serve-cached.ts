import type { RequestContext } from '../api/request-context.ts';
import type { ProxyCacheConfig } from './schema.ts';
import type { CachedResponse } from './strategies/index.ts';

/** Kong's values; Stale replaces the response of a failing service. */
export type CacheStatus = 'Hit' | 'Miss' | 'Refresh' | 'Bypass' | 'Stale';

/** Values of X-Cache. Kong's Refresh is a miss to the client. */
const X_CACHE_VALUES: Readonly<Record<CacheStatus, string>> = {
  Hit: 'HIT',
  Miss: 'MISS',
  Refresh: 'MISS',
  Bypass: 'BYPASS',
  Stale: 'STALE',
};

type ShownHeaders = ProxyCacheConfig['response_headers'];

/** The response headers about the cache. */
export function cacheHeaders(
  status: CacheStatus,
  key: string | undefined,
  shown: ShownHeaders,
): [string, string][] {
  return [
    ...(shown['X-Cache-Status']
      ? ([
          ['x-cache-status', status],
          ['x-cache', X_CACHE_VALUES[status]],
        ] satisfies [string, string][])
      : []),
    ...(shown['X-Cache-Key'] && key !== undefined ? [['x-cache-key', key] satisfies [string, string]] : []),
  ];
}

/** Sends a cached response. Headers that other plugins have set for this request take precedence. */
export function serveCached(
  requestContext: RequestContext,
  cached: CachedResponse,
  status: CacheStatus,
  key: string,
  shown: ShownHeaders,
): void {
  const { request, response, responseHeaders } = requestContext;
  requestContext.responseSource = 'cache';
  response.status(cached.status);
  for (const [name, value] of cached.headers) {
    if (name === 'vary') response.vary(value);
    else if (!response.hasHeader(name) && !responseHeaders.has(name)) response.setHeader(name, value);
  }
  for (const [name, value] of cacheHeaders(status, key, shown)) response.setHeader(name, value);
  if (shown.age) response.setHeader('age', String(Math.floor(cached.policy.age())));
  if (request.fresh) {
    response.removeHeader('content-length');
    response.status(304).end();
    return;
  }
  if (requestContext.method === 'HEAD') {
    response.end();
    return;
  }
  response.setHeader('content-length', String(cached.body.length));
  response.end(cached.body);
}
