import CachePolicy from 'http-cache-semantics';
import type { UpstreamHeaders, RequestContext } from '../api/request-context.ts';
import type { UpstreamResponseHead, ResponseHeaders } from '../api/response.ts';
import type { ProxyCacheConfig } from './schema.ts';
import type { CachedResponse } from './strategies/index.ts';

/** Headers that the gateway sets for each response, or that are for one client alone. */
const UNCACHED_HEADERS =
  /^(?:access-control-allow-(?:origin|credentials)|access-control-expose-headers|set-cookie|x-request-id|(?:x-)?ratelimit(?:-.*)?|x-cache(?:-.*)?|age|connection|trailer)$/;

/** The head of a response that may be cached. */
export interface CacheableHead {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly policy: CachePolicy;
  /** True if the response is the same for all credentials. */
  readonly isPublic: boolean;
  /** Milliseconds. */
  readonly ttlMs: number;
}

/**
 * Undefined for a response that must not be cached. Responses with `no-store`, `private` or a cookie never are; for
 * all others the configuration decides, or Cache-Control if the configuration says so.
 */
export function toCacheableHead(
  requestContext: RequestContext,
  responseHead: UpstreamResponseHead,
  config: ProxyCacheConfig,
): CacheableHead | undefined {
  const { headers, status } = responseHead;
  const control = headers.get('cache-control') ?? '';
  if (
    !config.response_code.includes(status) ||
    !matchesContentType(headers.get('content-type'), config.content_type)
  )
    return undefined;
  if (/\b(?:no-store|private)\b/i.test(control) || headers.get('set-cookie') !== undefined) return undefined;
  if (headers.get('vary')?.includes('*') === true) return undefined;
  if (Number(headers.get('content-length') ?? 0) > config.max_body_bytes) return undefined;
  const policy = createCachePolicy(requestContext, responseHead, config);
  const fresh = config.cache_control ? policy.timeToLive() : config.cache_ttl * 1_000;
  if (!policy.storable() || fresh <= 0) return undefined;
  return {
    status,
    headers: cacheableHeaders(headers),
    policy,
    isPublic:
      /\b(?:public|s-maxage)\b/i.test(control) &&
      !/\b(?:authorization|cookie)\b/i.test(headers.get('vary') ?? ''),
    ttlMs: Math.max(fresh, (config.storage_ttl ?? 0) * 1_000),
  };
}

/** True if an expired response may be served. With `cache_control`, Cache-Control may forbid it. */
export function mayServeStale({ headers }: CachedResponse, { cache_control }: ProxyCacheConfig): boolean {
  if (!cache_control) return true;
  const control = headers.find(([name]) => name === 'cache-control')?.[1] ?? '';
  return !/\b(?:must-revalidate|proxy-revalidate|s-maxage)\b/i.test(control);
}

/**
 * The policy of a response: with the configuration's lifetime, unless Cache-Control decides. `must-revalidate` is
 * removed, because the library would then not serve fresh responses either.
 */
function createCachePolicy(
  requestContext: RequestContext,
  { status, headers }: UpstreamResponseHead,
  config: ProxyCacheConfig,
): CachePolicy {
  const described = Object.fromEntries(
    ['age', 'cache-control', 'date', 'expires', 'last-modified', 'pragma', 'vary'].flatMap((name) => {
      const value = headers.get(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  const { age: _age, expires: _expires, pragma: _pragma, ...plain } = described;
  const control = described['cache-control']?.replaceAll(/\b(?:must|proxy)-revalidate\b/gi, '');
  const policyHeaders = config.cache_control
    ? { ...described, ...(control === undefined ? {} : { 'cache-control': control }) }
    : { ...plain, 'cache-control': `public, max-age=${config.cache_ttl}` };
  return new CachePolicy(
    { method: requestContext.method, headers: varyHeaders(requestContext, headers.get('vary')) },
    { status, headers: policyHeaders },
  );
}

/** Credentials are not stored, and Host is the service's. The cache key distinguishes them. */
const IGNORED_REQUEST_HEADERS = new Set(['authorization', 'cookie', 'host']);

/** The request headers that Vary names. */
function varyHeaders({ headers }: RequestContext, vary: string | undefined): Record<string, string> {
  return pickHeaders(headers, vary?.toLowerCase().split(/\s*,\s*/) ?? []);
}

/** The request for the cache policy. `extra` replaces its headers. */
export function toPolicyRequest({ headers, method }: RequestContext, extra: Record<string, string> = {}) {
  return { method, headers: { ...pickHeaders(headers, Object.keys(headers)), ...extra } };
}

function pickHeaders(headers: UpstreamHeaders, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' && !IGNORED_REQUEST_HEADERS.has(name) ? [[name, value]] : [];
    }),
  );
}

function cacheableHeaders(headers: ResponseHeaders): [string, string][] {
  return [...headers.names()].flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === undefined || UNCACHED_HEADERS.test(name) ? [] : [[name, value]];
  });
}

/** A type without parameters matches the type with any parameters. */
function matchesContentType(contentType: string | undefined, wanted: readonly string[]): boolean {
  if (contentType === undefined) return false;
  const spelled = contentType.toLowerCase().replaceAll(' ', '');
  return wanted.some((type) => {
    const plain = type.toLowerCase().replaceAll(' ', '');
    return spelled === plain || (!plain.includes(';') && spelled.split(';', 1)[0] === plain);
  });
}
