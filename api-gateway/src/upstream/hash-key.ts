import type { HashOn, Upstream } from '../declaration/declaration.ts';
import type { Visit } from '../plugins/plugin.ts';

/** What of a request decides who gets it. */
export type KeyOf = (visit: Visit) => string | undefined;

type Hashing = Pick<Upstream, 'hashOn' | 'hashOnName' | 'hashFallback' | 'hashFallbackName'>;

/** undefined where nothing does: a turn then goes by weight. */
export function hashKey({ hashOn, hashOnName, hashFallback, hashFallbackName }: Hashing): KeyOf | undefined {
  const first = part(hashOn, hashOnName);
  const second = part(hashFallback, hashFallbackName);
  if (first === undefined || second === undefined) return first ?? second;
  return (visit) => first(visit) ?? second(visit);
}

function part(on: HashOn, name = ''): KeyOf | undefined {
  switch (on) {
    case 'none':
      return undefined;
    case 'consumer':
      return ({ consumer, caller }) =>
        consumer?.username ?? (caller.kind === 'user' ? caller.userId : undefined);
    case 'ip':
      return ({ clientAddress }) => clientAddress;
    case 'header':
      return ({ request }) => textOf(request.headers[name.toLowerCase()]);
    case 'cookie':
      return ({ request }) => cookie(request.headers.cookie, name);
    case 'path':
      return ({ path }) => path;
    case 'query_arg':
      return ({ upstreamQuery }) => new URLSearchParams(upstreamQuery).get(name) ?? undefined;
    case 'uri_capture':
      return ({ captures }) => captures[name];
  }
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

export function cookie(header: string | undefined, name: string): string | undefined {
  const found = header?.split(';').find((pair) => pair.slice(0, pair.indexOf('=')).trim() === name);
  return found?.slice(found.indexOf('=') + 1).trim();
}
