import type { HashOn, UpstreamEntity } from '../kong-config/model/entities.ts';
import type { RequestContext } from '../plugins/api/request-context.ts';

/** Extracts from a request the key by which consistent hashing chooses an endpoint. */
export type HashKeyExtractor = (requestContext: RequestContext) => string | undefined;

type HashConfig = Pick<UpstreamEntity, 'hashOn' | 'hashOnName' | 'hashFallback' | 'hashFallbackName'>;

/** Undefined if the upstream does not hash: endpoints are then chosen by weight. */
export function createHashKeyExtractor({
  hashOn,
  hashOnName,
  hashFallback,
  hashFallbackName,
}: HashConfig): HashKeyExtractor | undefined {
  const first = extractorFor(hashOn, hashOnName);
  const second = extractorFor(hashFallback, hashFallbackName);
  if (first === undefined || second === undefined) return first ?? second;
  return (requestContext) => first(requestContext) ?? second(requestContext);
}

function extractorFor(on: HashOn, name = ''): HashKeyExtractor | undefined {
  switch (on) {
    case 'none':
      return undefined;
    case 'consumer':
      return ({ consumer, caller }) =>
        consumer?.username ?? (caller.kind === 'user' ? caller.userId : undefined);
    case 'ip':
      return ({ clientAddress }) => clientAddress;
    case 'header':
      return ({ request }) => joinValues(request.headers[name.toLowerCase()]);
    case 'cookie':
      return ({ request }) => cookieValue(request.headers.cookie, name);
    case 'path':
      return ({ path }) => path;
    case 'query_arg':
      return ({ upstreamQuery }) => new URLSearchParams(upstreamQuery).get(name) ?? undefined;
    case 'uri_capture':
      return ({ captures }) => captures[name];
  }
}

function joinValues(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

export function cookieValue(header: string | undefined, name: string): string | undefined {
  const found = header?.split(';').find((pair) => pair.slice(0, pair.indexOf('=')).trim() === name);
  return found?.slice(found.indexOf('=') + 1).trim();
}
