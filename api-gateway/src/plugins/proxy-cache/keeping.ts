import CachePolicy from 'http-cache-semantics';
import type { Answer, AnswerHeaders, UpstreamHeaders, Visit } from '../plugin.ts';
import type { ProxyCacheConfig } from './schema.ts';
import type { Kept } from './store.ts';

/** What is the gateway's to say anew to each client, or for one client alone. */
const NOT_KEPT =
  /^(?:access-control-allow-(?:origin|credentials)|access-control-expose-headers|set-cookie|x-request-id|(?:x-)?ratelimit(?:-.*)?|x-cache(?:-.*)?|age|connection|trailer)$/;

/** The head of an answer that may be kept. */
export interface Keepable {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly policy: CachePolicy;
  /** Whether it holds for everybody, whatever credentials they show. */
  readonly forEverybody: boolean;
  /** Milliseconds. */
  readonly keptFor: number;
}

/**
 * Undefined for an answer that is not to be kept. What says `no-store` or `private`, and what sets a cookie,
 * never is; of all else the configuration or, if it says so, Cache-Control decides.
 */
export function keepable(visit: Visit, answer: Answer, config: ProxyCacheConfig): Keepable | undefined {
  const { headers, status } = answer;
  const control = headers.get('cache-control') ?? '';
  if (!config.response_code.includes(status) || !isOfType(headers.get('content-type'), config.content_type))
    return undefined;
  if (/\b(?:no-store|private)\b/i.test(control) || headers.get('set-cookie') !== undefined) return undefined;
  if (headers.get('vary')?.includes('*') === true) return undefined;
  if (Number(headers.get('content-length') ?? 0) > config.max_body_bytes) return undefined;
  const policy = policyOf(visit, answer, config);
  const fresh = config.cache_control ? policy.timeToLive() : config.cache_ttl * 1_000;
  if (!policy.storable() || fresh <= 0) return undefined;
  return {
    status,
    headers: pairsOf(headers),
    policy,
    forEverybody:
      /\b(?:public|s-maxage)\b/i.test(control) &&
      !/\b(?:authorization|cookie)\b/i.test(headers.get('vary') ?? ''),
    keptFor: Math.max(fresh, (config.storage_ttl ?? 0) * 1_000),
  };
}

/** Whether an answer may be used when its time is over; where Cache-Control counts, it may say that it may not. */
export function mayBeStale({ headers }: Kept, { cache_control }: ProxyCacheConfig): boolean {
  if (!cache_control) return true;
  const control = headers.find(([name]) => name === 'cache-control')?.[1] ?? '';
  return !/\b(?:must-revalidate|proxy-revalidate|s-maxage)\b/i.test(control);
}

/**
 * What the cache judges by: with the configuration's lifetime, unless Cache-Control is to decide. That an answer
 * must not be used when its time is over is left out: the library would not use it before, either.
 */
function policyOf(visit: Visit, { status, headers }: Answer, config: ProxyCacheConfig): CachePolicy {
  const described = Object.fromEntries(
    ['age', 'cache-control', 'date', 'expires', 'last-modified', 'pragma', 'vary'].flatMap((name) => {
      const value = headers.get(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  const { age: _age, expires: _expires, pragma: _pragma, ...plain } = described;
  const control = described['cache-control']?.replaceAll(/\b(?:must|proxy)-revalidate\b/gi, '');
  const judged = config.cache_control
    ? { ...described, ...(control === undefined ? {} : { 'cache-control': control }) }
    : { ...plain, 'cache-control': `public, max-age=${config.cache_ttl}` };
  return new CachePolicy(
    { method: visit.method, headers: selected(visit, headers.get('vary')) },
    { status, headers: judged },
  );
}

/** What proves who asks is not kept, and the Host is the service's: keys tell them apart. */
const NOT_JUDGED = new Set(['authorization', 'cookie', 'host']);

/** The headers of a request by which its answer is chosen. */
function selected({ headers }: Visit, vary: string | undefined): Record<string, string> {
  return textsOf(headers, vary?.toLowerCase().split(/\s*,\s*/) ?? []);
}

/** A request as the cache judges it. `extra` replaces what it says itself. */
export function judgedRequest({ headers, method }: Visit, extra: Record<string, string> = {}) {
  return { method, headers: { ...textsOf(headers, Object.keys(headers)), ...extra } };
}

function textsOf(headers: UpstreamHeaders, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' && !NOT_JUDGED.has(name) ? [[name, value]] : [];
    }),
  );
}

function pairsOf(headers: AnswerHeaders): [string, string][] {
  return [...headers.names()].flatMap((name): [string, string][] => {
    const value = headers.get(name);
    return value === undefined || NOT_KEPT.test(name) ? [] : [[name, value]];
  });
}

/** A type without parameters stands for the type with any. */
function isOfType(contentType: string | undefined, wanted: readonly string[]): boolean {
  if (contentType === undefined) return false;
  const spelled = contentType.toLowerCase().replaceAll(' ', '');
  return wanted.some((type) => {
    const plain = type.toLowerCase().replaceAll(' ', '');
    return spelled === plain || (!plain.includes(';') && spelled.split(';', 1)[0] === plain);
  });
}
