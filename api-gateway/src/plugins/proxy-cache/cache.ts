import { upgradeOf } from '../../upstream/upgrade.ts';
import { BadGateway, GatewayTimeout } from '../../upstream/upstream.errors.ts';
import type { Answer, BodyTap, PluginInstance, Visit } from '../plugin.ts';
import { createFlights, type Flight } from './flights.ts';
import { judgedRequest, keepable, mayBeStale, type Keepable } from './keeping.ts';
import { createKeys, type Keys } from './keys.ts';
import type { ProxyCacheConfig } from './schema.ts';
import { cacheHeaders, serve, type Status } from './serving.ts';
import type { Kept, Store } from './store.ts';

/** What is going on for a request that the cache has no answer for. */
interface Plan {
  readonly keys: Keys;
  readonly status: 'Miss' | 'Refresh';
  /** Too old, or not what the client wants. */
  readonly old: Found | undefined;
  /** Others wait for it. */
  readonly flight: Flight | undefined;
}

const PLAN = Symbol('plan');

interface PlannedVisit extends Visit {
  [PLAN]?: Plan;
}

interface Found {
  readonly kept: Kept;
  readonly key: string;
}

/** The hooks of a cache of answers. */
export function createCache(
  config: ProxyCacheConfig,
  store: Store,
  now: () => number,
): Pick<Required<PluginInstance>, 'access' | 'respond' | 'failed' | 'log'> {
  const { cache_control, response_headers: shown } = config;
  const methods: ReadonlySet<string> = new Set(config.request_method);
  const keysOf = createKeys(config);
  const flights = createFlights(now);

  function find({ own, shared }: Keys): Found | undefined | Promise<Found | undefined> {
    const mine = store.get(own);
    if (mine instanceof Promise) return findApart(mine, own, shared);
    if (mine !== undefined) return { kept: mine, key: own };
    const everybodys = own === shared ? undefined : store.get(shared);
    if (everybodys instanceof Promise) return findApart(everybodys, shared, shared);
    return everybodys && { kept: everybodys, key: shared };
  }

  async function findApart(
    first: Promise<Kept | undefined>,
    own: string,
    shared: string,
  ): Promise<Found | undefined> {
    const second = own === shared ? undefined : store.get(shared);
    const mine = await first;
    if (mine !== undefined) return { kept: mine, key: own };
    const everybodys = await second;
    return everybodys && { kept: everybodys, key: shared };
  }

  /** Whether it may be answered as it is. A client's own Cache-Control counts where Cache-Control does. */
  function isGood(visit: Visit, kept: Kept): boolean {
    if (kept.policy.stale() && !mayBeStale(kept, config)) return false;
    const request = judgedRequest(visit, cache_control ? {} : { 'cache-control': '', pragma: '' });
    return kept.policy.satisfiesWithoutRevalidation(request);
  }

  /** Whether it may stand in for a service that fails: for who would take it however old it is. */
  function standsIn(visit: Visit, { kept }: Found): boolean {
    const request = judgedRequest(visit, { 'cache-control': 'max-stale', pragma: '' });
    return mayBeStale(kept, config) && kept.policy.satisfiesWithoutRevalidation(request);
  }

  /** Serves it, or makes a plan. */
  function decide(visit: PlannedVisit, keys: Keys, found: Found | undefined): void {
    if (found !== undefined && isGood(visit, found.kept)) {
      serve(visit, found.kept, 'Hit', found.key, shown);
      return;
    }
    if (cache_control && /\bonly-if-cached\b/i.test(visit.headers['cache-control'] ?? ''))
      throw new GatewayTimeout('There is no answer in the cache, and none but that was wanted.');
    visit[PLAN] = {
      keys,
      status: found === undefined ? 'Miss' : 'Refresh',
      old: found,
      flight: flights.begin(keys.own),
    };
  }

  async function decideLater(visit: Visit, keys: Keys, finding: Promise<Found | undefined>): Promise<void> {
    let found = await finding;
    const flight = flights.underWay(keys.own);
    if (flight !== undefined && (found === undefined || !isGood(visit, found.kept))) {
      await flight;
      found = await find(keys);
    }
    decide(visit, keys, found);
  }

  function mark({ headers }: Answer, status: Status, key?: string): void {
    for (const [name, value] of cacheHeaders(status, key, shown)) headers.set(name, value);
  }

  return {
    access: (visit) => {
      if (!methods.has(visit.method) || isOdd(visit)) return undefined;
      if (cache_control && /\bno-store\b/i.test(visit.headers['cache-control'] ?? '')) return undefined;
      const keys = keysOf.of(visit);
      const found = find(keys);
      if (found instanceof Promise || flights.underWay(keys.own) !== undefined)
        return decideLater(visit, keys, Promise.resolve(found));
      decide(visit, keys, found);
      return undefined;
    },

    respond: (visit: PlannedVisit, answer) => {
      const plan = visit[PLAN];
      if (FAILURES.has(answer.status) && plan?.old !== undefined && standsIn(visit, plan.old))
        throw new BadGateway(`The service answers ${answer.status}.`);
      const head = plan && keepable(visit, answer, config);
      if (plan === undefined || head === undefined) {
        plan?.flight?.land(false);
        mark(answer, 'Bypass');
        return undefined;
      }
      keysOf.learn(visit, answer.headers.get('vary'));
      const keys = keysOf.of(visit);
      const key = head.forEverybody ? keys.shared : keys.own;
      mark(answer, plan.status, key);
      return collector(head, config.max_body_bytes, (kept) => {
        if (kept !== undefined) store.set(key, kept, head.keptFor);
        plan.flight?.land(kept !== undefined);
      });
    },

    failed: (visit: PlannedVisit, error) => {
      const plan = visit[PLAN];
      plan?.flight?.land(false);
      if (plan?.old === undefined || error.kind !== 'unavailable') return false;
      if (!standsIn(visit, plan.old)) return false;
      serve(visit, plan.old.kept, 'Stale', plan.old.key, shown);
      return true;
    },

    log: (visit: PlannedVisit) => visit[PLAN]?.flight?.land(false),
  };
}

/** Answers by which a service says that it failed: an old one is better (RFC 9111, 4.3.3). */
const FAILURES = new Set([500, 502, 503, 504]);

/** Asks for a part, for something on a condition that the service must judge, or says more than a key holds. */
function isOdd({ headers, request, body }: Visit): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  const part = headers.range ?? headers['if-match'] ?? headers['if-unmodified-since'];
  const hasBody = body !== undefined || length !== '0' || encoding !== undefined;
  return part !== undefined || hasBody || upgradeOf(request) !== undefined;
}

/** Collects a body as it passes; what breaks off or grows too long is let go. */
function collector(head: Keepable, mostBytes: number, done: (kept: Kept | undefined) => void): BodyTap {
  let chunks: Buffer[] = [];
  let bytes = 0;
  return {
    chunk: (data) => {
      bytes += data.length;
      if (bytes > mostBytes) chunks = [];
      else chunks.push(data);
    },
    end: (complete) => {
      const { status, headers, policy } = head;
      const whole = complete && bytes <= mostBytes;
      done(whole ? { status, headers, policy, body: Buffer.concat(chunks, bytes) } : undefined);
    },
  };
}
