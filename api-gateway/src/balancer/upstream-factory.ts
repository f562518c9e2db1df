import { createServiceClientMetrics, createOutlierDetector } from '@plaza/service-client';
import {
  createCircuitBreaker,
  createBulkhead,
  createResilienceMetrics,
  createRetryBudget,
  createRetryPolicy,
} from '@plaza/resilience';
import type { Logger } from '@plaza/service-kit';
import type { Registry } from 'prom-client';
import type { UpstreamEntity } from '../kong-config/model/entities.ts';
import { createActiveChecks } from './active-checks.ts';
import { createHashKeyExtractor } from './hash-key.ts';
import type { EndpointSource } from './endpoint-discovery.ts';
import {
  isUnavailableResponse,
  arePassiveChecksOff,
  isNeutral,
  isServiceFailure,
  toEjectionThresholds,
  createStatusClassifier,
} from './passive-checks.ts';
import type { Endpoint } from './endpoint.ts';
import { createLoadBalancer } from './load-balancer.ts';
import { parseSelector } from './label-selector.ts';
import { createUpstreamMetrics } from './upstream-metrics.ts';
import { createUpstream, type Upstream } from './upstream.ts';

/**
 * Concurrent requests to a service, and queued ones. A request holds its place until the last byte, so open
 * streams count.
 */
const DEFAULT_CONCURRENCY = { limit: 1_000, queue: 200 };

/** Milliseconds that a request waits in the queue at most. */
const QUEUE_TIMEOUT_MS = 1_000;

/** An upstream, and a function that stops its active checks. */
export interface ManagedUpstream {
  readonly upstream: Upstream;
  close(): void;
}

export interface UpstreamFactoryOptions {
  readonly logger: Logger;
  readonly metrics: Registry;
  /** Failures in a row that open a service's circuit, and the milliseconds that it stays open. */
  readonly circuit: { readonly failureThreshold: number; readonly resetTimeout: number };
}

/** Creates an upstream from its configuration and its endpoints. */
export type UpstreamFactory = (declared: UpstreamEntity, endpointSource: EndpointSource) => ManagedUpstream;

/** Call it once per metrics registry. */
export function createUpstreamFactory({ logger, metrics, circuit }: UpstreamFactoryOptions): UpstreamFactory {
  const resilienceMetrics = createResilienceMetrics(metrics);
  const clientMetrics = createServiceClientMetrics(metrics);
  const requestMetricsOf = createUpstreamMetrics(metrics);

  return (declared, endpointSource) => {
    const { name, algorithm, targets, hostHeader, concurrency, healthchecks } = declared;
    const { active, passive } = healthchecks;
    const addresses = new Set(
      targets.flatMap(({ target }) => (parseSelector(target) === undefined ? [target] : [])),
    );
    const checked = () => endpointSource.endpoints().filter(({ target }) => addresses.has(target));
    const activeChecks =
      active === undefined
        ? undefined
        : createActiveChecks({ upstream: name, check: active, endpoints: checked, logger });
    const upstream: Upstream = createUpstream({
      name,
      hostHeader,
      stickyCookie: stickyCookieOf(declared),
      breaker: createCircuitBreaker({
        name,
        logger,
        metrics: resilienceMetrics,
        ...circuit,
        isFailure: isServiceFailure,
        isFailedResult: isUnavailableResponse,
        isNeutral,
        canOpen: () => upstream.allUnhealthy(),
      }),
      bulkhead: createBulkhead({
        name,
        metrics: resilienceMetrics,
        ...(concurrency ?? DEFAULT_CONCURRENCY),
        queueTimeoutMs: QUEUE_TIMEOUT_MS,
      }),
      retryPolicy: createRetryPolicy({ budget: createRetryBudget({ name, metrics: resilienceMetrics }) }),
      requestMetrics: requestMetricsOf(name),
      hashKeyExtractor: createHashKeyExtractor(declared),
      endpointSource,
      loadBalancer: createLoadBalancer(
        algorithm,
        new Map(targets.map(({ target, weight }) => [target, weight])),
      ),
      outlierDetector: createOutlierDetector<Endpoint>({
        upstream: name,
        logger,
        metrics: clientMetrics,
        ...(passive === undefined ? {} : { thresholdsByReason: toEjectionThresholds(passive) }),
      }),
      activeChecks,
      targets: new Set(targets.map(({ target }) => target)),
      classifyStatus: createStatusClassifier(passive),
      threshold: healthchecks.threshold,
      healthchecksOff: activeChecks === undefined && arePassiveChecksOff(passive),
    });
    return { upstream, close: () => activeChecks?.close() };
  };
}

/** As in Kong there is one cookie, either of `hash_on` or of `hash_fallback`. */
function stickyCookieOf(declared: UpstreamEntity): Upstream['stickyCookie'] {
  const { algorithm, hashOn, hashOnName, hashFallback, hashFallbackName, hashOnCookiePath: path } = declared;
  if (algorithm !== 'consistent-hashing') return undefined;
  const name = hashOn === 'cookie' ? hashOnName : hashFallback === 'cookie' ? hashFallbackName : undefined;
  return name === undefined ? undefined : { name, path };
}
