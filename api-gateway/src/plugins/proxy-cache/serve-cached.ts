import type { RequestContext } from '../api/request-context.ts';
import type { ProxyCacheConfig } from './schema.ts';
import type { CachedResponse } from './strategies/index.ts';

/** Kong's words; a stale answer stands in for a service that failed. */
export type CacheStatus = 'Hit' | 'Miss' | 'Refresh' | 'Bypass' | 'Stale';

/** Kong calls a refreshed answer so; to the client it is one that was not there. */
const X_CACHE_VALUES: Readonly<Record<CacheStatus, string>> = {
  Hit: 'HIT',
  Miss: 'MISS',
  Refresh: 'MISS',
  Bypass: 'BYPASS',
  Stale: 'STALE',
};

type ShownHeaders = ProxyCacheConfig['response_headers'];

/** What an answer tells of the cache. */
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

/** Answers with what was kept. What other plugins have set already counts, as they set it for this client. */
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
