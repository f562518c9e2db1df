import { createDiscoveryMetrics, createEjection } from '@plaza/discovery';
import { createBreaker, createBulkhead, createResilienceMetrics, createRetryBudget } from '@plaza/resilience';
import type { Logger } from '@plaza/service-kit';
import type { Registry } from 'prom-client';
import type { Upstream as Declared } from '../declaration/declaration.ts';
import { createActiveChecks } from './active-checks.ts';
import { hashKey } from './hash-key.ts';
import type { Membership } from './membership.ts';
import {
  cannotAnswer,
  isOff,
  saysNothing,
  speaksAgainstService,
  thresholdsOf,
  verdictBy,
} from './passive-checks.ts';
import type { Peer } from './peer.ts';
import { createRotation } from './rotation.ts';
import { selectorOf } from './selector.ts';
import { createTraffic } from './traffic.ts';
import { createUpstream, type Upstream } from './upstream.ts';

/** Requests to one service at once, and those that wait. A place is held to the last byte, so streams count. */
const CONCURRENCY = { limit: 1_000, queue: 200 };

/** Milliseconds that a request waits for a place at most. */
const PATIENCE_MS = 1_000;

/** An upstream, and what ends its checks. */
export interface Made {
  readonly upstream: Upstream;
  close(): void;
}

export interface MakerOptions {
  readonly logger: Logger;
  readonly metrics: Registry;
  /** When a service's circuit opens, and for how many milliseconds. */
  readonly circuit: { readonly failureThreshold: number; readonly resetTimeout: number };
}

/** Makes upstreams of what is declared and of who answers for it. */
export type UpstreamMaker = (declared: Declared, membership: Membership) => Made;

/** One for each registry of metrics. */
export function upstreamMaker({ logger, metrics, circuit }: MakerOptions): UpstreamMaker {
  const resilience = createResilienceMetrics(metrics);
  const discovery = createDiscoveryMetrics(metrics);
  const trafficOf = createTraffic(metrics);

  return (declared, membership) => {
    const { name, algorithm, targets, hostHeader, concurrency, healthchecks } = declared;
    const { active, passive } = healthchecks;
    const addresses = new Set(
      targets.flatMap(({ target }) => (selectorOf(target) === undefined ? [target] : [])),
    );
    const checked = () => membership.peers().filter(({ target }) => addresses.has(target));
    const checks =
      active === undefined
        ? undefined
        : createActiveChecks({ upstream: name, check: active, peers: checked, logger });
    const upstream: Upstream = createUpstream({
      name,
      hostHeader,
      stickyCookie: stickyCookieOf(declared),
      breaker: createBreaker({
        name,
        logger,
        metrics: resilience,
        ...circuit,
        isFailure: speaksAgainstService,
        isFailedResult: cannotAnswer,
        saysNothing,
        mayOpen: () => upstream.isOut(),
      }),
      bulkhead: createBulkhead({
        name,
        metrics: resilience,
        ...(concurrency ?? CONCURRENCY),
        patienceMs: PATIENCE_MS,
      }),
      budget: createRetryBudget({ name, metrics: resilience }),
      traffic: trafficOf(name),
      keyOf: hashKey(declared),
      membership,
      rotation: createRotation(algorithm, new Map(targets.map(({ target, weight }) => [target, weight]))),
      ejection: createEjection<Peer>({
        upstream: name,
        logger,
        metrics: discovery,
        ...(passive === undefined ? {} : { thresholds: thresholdsOf(passive) }),
      }),
      checks,
      targets: new Set(targets.map(({ target }) => target)),
      verdict: verdictBy(passive),
      threshold: healthchecks.threshold,
      unchecked: checks === undefined && isOff(passive),
    });
    return { upstream, close: () => checks?.close() };
  };
}

/** Kong's: one cookie, whether it decides first or where the first says nothing. */
function stickyCookieOf(declared: Declared): Upstream['stickyCookie'] {
  const { algorithm, hashOn, hashOnName, hashFallback, hashFallbackName, hashOnCookiePath: path } = declared;
  if (algorithm !== 'consistent-hashing') return undefined;
  const name = hashOn === 'cookie' ? hashOnName : hashFallback === 'cookie' ? hashFallbackName : undefined;
  return name === undefined ? undefined : { name, path };
}
