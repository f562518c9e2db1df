import type { Visit } from '../plugin.ts';
import type { ProxyCacheConfig } from './schema.ts';
import type { Kept } from './store.ts';

/** Kong's words; a stale answer stands in for a service that failed. */
export type Status = 'Hit' | 'Miss' | 'Refresh' | 'Bypass' | 'Stale';

/** Kong calls a refreshed answer so; to the client it is one that was not there. */
const IN_CAPITALS: Readonly<Record<Status, string>> = {
  Hit: 'HIT',
  Miss: 'MISS',
  Refresh: 'MISS',
  Bypass: 'BYPASS',
  Stale: 'STALE',
};

type Shown = ProxyCacheConfig['response_headers'];

/** What an answer tells of the cache. */
export function cacheHeaders(status: Status, key: string | undefined, shown: Shown): [string, string][] {
  return [
    ...(shown['X-Cache-Status']
      ? ([
          ['x-cache-status', status],
          ['x-cache', IN_CAPITALS[status]],
        ] satisfies [string, string][])
      : []),
    ...(shown['X-Cache-Key'] && key !== undefined ? [['x-cache-key', key] satisfies [string, string]] : []),
  ];
}

/** Answers with what was kept. What other plugins have set already counts, as they set it for this client. */
export function serve(visit: Visit, kept: Kept, status: Status, key: string, shown: Shown): void {
  const { request, response, added } = visit;
  visit.answeredBy = 'cache';
  response.status(kept.status);
  for (const [name, value] of kept.headers) {
    if (name === 'vary') response.vary(value);
    else if (!response.hasHeader(name) && !added.has(name)) response.setHeader(name, value);
  }
  for (const [name, value] of cacheHeaders(status, key, shown)) response.setHeader(name, value);
  if (shown.age) response.setHeader('age', String(Math.floor(kept.policy.age())));
  if (request.fresh) {
    response.removeHeader('content-length');
    response.status(304).end();
    return;
  }
  if (visit.method === 'HEAD') {
    response.end();
    return;
  }
  response.setHeader('content-length', String(kept.body.length));
  response.end(kept.body);
}
