import { getUpgrade } from '../../transport/upgrade.ts';
import { BadGateway, GatewayTimeout } from '../../transport/upstream.errors.ts';
import type { PluginInstance } from '../api/plugin.ts';
import type { RequestContext } from '../api/request-context.ts';
import type { UpstreamResponseHead, BodyFilter } from '../api/response.ts';
import { createRequestCoalescer, type InFlightRequest } from './request-coalescing.ts';
import { toPolicyRequest, toCacheableHead, mayServeStale, type CacheableHead } from './cacheability.ts';
import { createCacheKeys, type CacheKeys } from './cache-key.ts';
import type { ProxyCacheConfig } from './schema.ts';
import { cacheHeaders, serveCached, type CacheStatus } from './serve-cached.ts';
import type { CachedResponse, CacheStore } from './strategies/index.ts';

/** State of a request that the cache cannot answer. */
interface CacheState {
  readonly cacheKeys: CacheKeys;
  readonly status: 'Miss' | 'Refresh';
  /** Expired, or not acceptable to the client. */
  readonly staleEntry: CacheEntry | undefined;
  /** Other requests wait for its response. */
  readonly inFlight: InFlightRequest | undefined;
}

const CACHE_STATE = Symbol('cache state');

interface CacheContext extends RequestContext {
  [CACHE_STATE]?: CacheState;
}

interface CacheEntry {
  readonly response: CachedResponse;
  readonly key: string;
}

/** The hooks of the response cache. */
export function createResponseCache(
  config: ProxyCacheConfig,
  store: CacheStore,
  now: () => number,
): Pick<Required<PluginInstance>, 'access' | 'headerFilter' | 'onError' | 'log'> {
  const { cache_control, response_headers: shownHeaders } = config;
  const methods: ReadonlySet<string> = new Set(config.request_method);
  const keys = createCacheKeys(config);
  const coalescer = createRequestCoalescer(now);

  function find({
    perCredential: ownKey,
    shared: sharedKey,
  }: CacheKeys): CacheEntry | undefined | Promise<CacheEntry | undefined> {
    const ownResponse = store.get(ownKey);
    if (ownResponse instanceof Promise) return findAsync(ownResponse, ownKey, sharedKey);
    if (ownResponse !== undefined) return { response: ownResponse, key: ownKey };
    const publicResponse = ownKey === sharedKey ? undefined : store.get(sharedKey);
    if (publicResponse instanceof Promise) return findAsync(publicResponse, sharedKey, sharedKey);
    return publicResponse && { response: publicResponse, key: sharedKey };
  }

  async function findAsync(
    first: Promise<CachedResponse | undefined>,
    ownKey: string,
    sharedKey: string,
  ): Promise<CacheEntry | undefined> {
    const second = ownKey === sharedKey ? undefined : store.get(sharedKey);
    const ownResponse = await first;
    if (ownResponse !== undefined) return { response: ownResponse, key: ownKey };
    const publicResponse = await second;
    return publicResponse && { response: publicResponse, key: sharedKey };
  }

  /** True if the cached response may be served. The client's Cache-Control counts only with `cache_control`. */
  function isServable(requestContext: RequestContext, cached: CachedResponse): boolean {
    if (cached.policy.stale() && !mayServeStale(cached, config)) return false;
    const request = toPolicyRequest(requestContext, cache_control ? {} : { 'cache-control': '', pragma: '' });
    return cached.policy.satisfiesWithoutRevalidation(request);
  }

  /** True if the cached response may replace that of a failing service: as for a client that accepts any age. */
  function mayReplaceFailure(requestContext: RequestContext, { response: cached }: CacheEntry): boolean {
    const request = toPolicyRequest(requestContext, { 'cache-control': 'max-stale', pragma: '' });
    return mayServeStale(cached, config) && cached.policy.satisfiesWithoutRevalidation(request);
  }

  /** Serves the cached response, or stores the state for the upstream request. */
  function serveOrForward(
    requestContext: CacheContext,
    cacheKeys: CacheKeys,
    found: CacheEntry | undefined,
  ): void {
    if (found !== undefined && isServable(requestContext, found.response)) {
      serveCached(requestContext, found.response, 'Hit', found.key, shownHeaders);
      return;
    }
    if (cache_control && /\bonly-if-cached\b/i.test(requestContext.headers['cache-control'] ?? ''))
      throw new GatewayTimeout('The cache has no response, and the request accepts only a cached one.', {
        reason: 'not_cached',
      });
    requestContext[CACHE_STATE] = {
      cacheKeys,
      status: found === undefined ? 'Miss' : 'Refresh',
      staleEntry: found,
      inFlight: coalescer.start(cacheKeys.perCredential),
    };
  }

  async function serveOrForwardAsync(
    requestContext: RequestContext,
    cacheKeys: CacheKeys,
    finding: Promise<CacheEntry | undefined>,
  ): Promise<void> {
    let found = await finding;
    const inFlight = coalescer.inFlight(cacheKeys.perCredential);
    if (inFlight !== undefined && (found === undefined || !isServable(requestContext, found.response))) {
      await inFlight;
      found = await find(cacheKeys);
    }
    serveOrForward(requestContext, cacheKeys, found);
  }

  function setCacheHeaders({ headers }: UpstreamResponseHead, status: CacheStatus, key?: string): void {
    for (const [name, value] of cacheHeaders(status, key, shownHeaders)) headers.set(name, value);
  }

  return {
    access: (requestContext) => {
      if (!methods.has(requestContext.method) || isUncacheableRequest(requestContext)) return undefined;
      if (cache_control && /\bno-store\b/i.test(requestContext.headers['cache-control'] ?? ''))
        return undefined;
      const cacheKeys = keys.keysFor(requestContext);
      const found = find(cacheKeys);
      if (found instanceof Promise || coalescer.inFlight(cacheKeys.perCredential) !== undefined)
        return serveOrForwardAsync(requestContext, cacheKeys, Promise.resolve(found));
      serveOrForward(requestContext, cacheKeys, found);
      return undefined;
    },

    headerFilter: (requestContext: CacheContext, responseHead) => {
      const cacheState = requestContext[CACHE_STATE];
      if (
        FAILURE_STATUSES.has(responseHead.status) &&
        cacheState?.staleEntry !== undefined &&
        mayReplaceFailure(requestContext, cacheState.staleEntry)
      )
        throw new BadGateway(`The service answers ${responseHead.status}.`, { reason: 'error_response' });
      const head = cacheState && toCacheableHead(requestContext, responseHead, config);
      if (cacheState === undefined || head === undefined) {
        cacheState?.inFlight?.complete(false);
        setCacheHeaders(responseHead, 'Bypass');
        return undefined;
      }
      keys.rememberVary(requestContext, responseHead.headers.get('vary'));
      const cacheKeys = keys.keysFor(requestContext);
      const key = head.isPublic ? cacheKeys.shared : cacheKeys.perCredential;
      setCacheHeaders(responseHead, cacheState.status, key);
      return createBodyCollector(head, config.max_body_bytes, (cached) => {
        if (cached !== undefined) store.set(key, cached, head.ttlMs);
        cacheState.inFlight?.complete(cached !== undefined);
      });
    },

    onError: (requestContext: CacheContext, error) => {
      const cacheState = requestContext[CACHE_STATE];
      cacheState?.inFlight?.complete(false);
      if (cacheState?.staleEntry === undefined || error.kind !== 'unavailable') return false;
      if (!mayReplaceFailure(requestContext, cacheState.staleEntry)) return false;
      serveCached(
        requestContext,
        cacheState.staleEntry.response,
        'Stale',
        cacheState.staleEntry.key,
        shownHeaders,
      );
      return true;
    },

    log: (requestContext: CacheContext) => requestContext[CACHE_STATE]?.inFlight?.complete(false),
  };
}

/** A stale response replaces these (RFC 9111, 4.3.3). */
const FAILURE_STATUSES = new Set([500, 502, 503, 504]);

/** True for range requests, conditions that the service must check, and requests with a body or an upgrade. */
function isUncacheableRequest({ headers, request, body }: RequestContext): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  const part = headers.range ?? headers['if-match'] ?? headers['if-unmodified-since'];
  const hasBody = body !== undefined || length !== '0' || encoding !== undefined;
  return part !== undefined || hasBody || getUpgrade(request) !== undefined;
}

/** Collects a body for the cache. Bodies that break off or are too long are not cached. */
function createBodyCollector(
  head: CacheableHead,
  maxBytes: number,
  done: (cached: CachedResponse | undefined) => void,
): BodyFilter {
  let chunks: Buffer[] = [];
  let bytes = 0;
  return {
    chunk: (data) => {
      bytes += data.length;
      if (bytes > maxBytes) chunks = [];
      else chunks.push(data);
    },
    end: (complete) => {
      const { status, headers, policy } = head;
      const whole = complete && bytes <= maxBytes;
      done(whole ? { status, headers, policy, body: Buffer.concat(chunks, bytes) } : undefined);
    },
  };
}
