import { hash } from 'node:crypto';
import type { RequestContext } from '../api/request-context.ts';
import type { ProxyCacheConfig } from './schema.ts';

/** Under what an answer may be kept. */
export interface CacheKeys {
  /** For everybody. */
  readonly shared: string;
  /** For who shows the same credentials; the same as `shared` where nobody shows any. */
  readonly perCredential: string;
}

/** Requests of which the headers in Vary are remembered; of more, those that came last. */
const MAX_VARY_ENTRIES = 10_000;

/** Under what name and by what protocol it was asked: services make links and redirects of these. */
const ADDRESS_HEADERS = ['x-forwarded-proto', 'x-forwarded-host'];

/** Makes keys, and remembers of answers which headers make a difference. */
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
    // Of one name the order means something.
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
    /** @param vary what an answer to this request says. */
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
