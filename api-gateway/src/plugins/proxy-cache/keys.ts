import { hash } from 'node:crypto';
import type { Visit } from '../plugin.ts';
import type { ProxyCacheConfig } from './schema.ts';

/** Under what an answer may be kept. */
export interface Keys {
  /** For everybody. */
  readonly shared: string;
  /** For who shows the same credentials; the same as `shared` where nobody shows any. */
  readonly own: string;
}

/** Requests of which the headers in Vary are remembered; of more, those that came last. */
const MOST = 10_000;

/** Under what name and by what protocol it was asked: services make links and redirects of these. */
const ADDRESSED = ['x-forwarded-proto', 'x-forwarded-host'];

/** Makes keys, and learns from answers which headers make a difference. */
export function createKeys({ vary_query_params, vary_headers, ignore_uri_case }: ProxyCacheConfig) {
  const varying = new Map<string, readonly string[]>();
  const counted = vary_query_params === undefined ? undefined : new Set(vary_query_params);

  function baseOf(visit: Visit): string {
    const path = ignore_uri_case ? visit.upstreamPath.toLowerCase() : visit.upstreamPath;
    const addressed = valuesOf(visit, ADDRESSED);
    return hash(
      'sha256',
      [visit.route.name, visit.method, path, queryOf(visit), addressed, valuesOf(visit, vary_headers)].join(
        '\n',
      ),
    );
  }

  function queryOf({ upstreamQuery }: Visit): string {
    if (upstreamQuery === '') return '';
    const args = [...new URLSearchParams(upstreamQuery)].filter(([name]) => counted?.has(name) ?? true);
    // Of one name the order means something.
    return new URLSearchParams(args.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))).toString();
  }

  return {
    of: (visit: Visit): Keys => {
      const base = baseOf(visit);
      const variant = `${base}\n${valuesOf(visit, varying.get(base) ?? [])}`;
      const shared = hash('sha256', variant);
      const who = credentialsOf(visit);
      return { shared, own: who === '' ? shared : hash('sha256', `${variant}\n${who}`) };
    },
    /** @param vary what an answer to this request says. */
    learn: (visit: Visit, vary: string | undefined): void => {
      const base = baseOf(visit);
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
      if (varying.size > MOST && oldest.done !== true) varying.delete(oldest.value);
    },
  };
}

function valuesOf({ headers }: Visit, names: readonly string[]): string {
  return names.map((name) => `${name}=${String(headers[name] ?? '')}`).join('\n');
}

function credentialsOf({ headers, consumer, credential }: Visit): string {
  const { authorization = '', cookie = '' } = headers;
  const known = consumer?.username ?? credential;
  return authorization === '' && cookie === '' && known === undefined
    ? ''
    : [authorization, cookie, known ?? ''].join('\n');
}
