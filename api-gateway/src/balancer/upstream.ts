import type { UnavailableReason } from '@plaza/errors';
import type { OutlierDetector, FailureReason } from '@plaza/service-client';
import type { CircuitBreaker, Bulkhead, RetryPolicy } from '@plaza/resilience';
import type { ActiveChecks } from './active-checks.ts';
import type { HashKeyExtractor } from './hash-key.ts';
import type { EndpointSource } from './endpoint-discovery.ts';
import type { Endpoint } from './endpoint.ts';
import { isUnavailableStatus, type StatusClassifier } from './passive-checks.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { RequestMetrics } from './upstream-metrics.ts';

/** Kong's health states of a target. */
export type Health = 'HEALTHY' | 'UNHEALTHY' | 'DNS_ERROR' | 'HEALTHCHECKS_OFF';

export interface EndpointHealth {
  readonly endpoint: Endpoint;
  readonly health: Health;
}

/**
 * A load-balanced group of endpoints with one name: chooses endpoints and records their health. Reads from
 * memory.
 */
export interface Upstream {
  readonly name: string;
  /** The Host header for its targets; undefined for the target's own host. */
  readonly hostHeader: string | undefined;
  /** The cookie for sticky sessions, if there is one. */
  readonly stickyCookie: { readonly name: string; readonly path: string } | undefined;
  /** For all instances together. Counts a request when the head of its response has arrived. */
  readonly breaker: CircuitBreaker;
  /** For all instances together. A request holds its place until the last byte. */
  readonly bulkhead: Bulkhead;
  readonly retryPolicy: RetryPolicy;
  readonly requestMetrics: RequestMetrics;
  /** Undefined if the upstream does not hash. */
  readonly hashKeyExtractor: HashKeyExtractor | undefined;
  /**
   * Chooses among the endpoints that are neither draining, ejected nor failing their checks; undefined if there
   * is none.
   * @param except the endpoint of the first attempt.
   */
  pick(key?: string, except?: Endpoint): Endpoint | undefined;
  /** Why there is no endpoint to pick. */
  emptyReason(): UnavailableReason;
  /** A request to this endpoint starts; one of the next three methods reports its result. */
  onStart(endpoint: Endpoint): void;
  onResponse(endpoint: Endpoint, status: number): void;
  onFailure(endpoint: Endpoint, failure: FailureReason, cause?: unknown): void;
  /** The request ended without showing anything about the endpoint. */
  onAbort(endpoint: Endpoint): void;
  /**
   * Whether all endpoints that get traffic have failed since the last success: then the service is at fault,
   * not one instance.
   */
  allUnhealthy(): boolean;
  /** Sets a target's weight until the configuration is replaced. False if there is no such target. */
  setWeight(target: string, weight: number): boolean;
  health(): readonly EndpointHealth[];
}

/** The parts that an upstream is composed of. */
export interface UpstreamParts extends Pick<
  Upstream,
  | 'name'
  | 'hostHeader'
  | 'stickyCookie'
  | 'breaker'
  | 'bulkhead'
  | 'retryPolicy'
  | 'requestMetrics'
  | 'hashKeyExtractor'
> {
  readonly endpointSource: EndpointSource;
  readonly loadBalancer: LoadBalancer;
  readonly outlierDetector: OutlierDetector<Endpoint>;
  readonly activeChecks: ActiveChecks | undefined;
  /** The names of the targets. */
  readonly targets: ReadonlySet<string>;
  /** Whether a status shows that an instance is healthy (true), unhealthy (false), or neither. */
  readonly classifyStatus: StatusClassifier;
  /** Percentage of the total weight that must be healthy; below it the upstream has no endpoint. */
  readonly threshold: number;
  /** Neither passive nor active checks are configured. */
  readonly healthchecksOff: boolean;
}

export function createUpstream(parts: UpstreamParts): Upstream {
  const {
    endpointSource,
    loadBalancer,
    outlierDetector,
    activeChecks,
    targets,
    classifyStatus,
    threshold,
    healthchecksOff,
  } = parts;
  const unresolved = new Set<Endpoint>();
  /** Endpoints that have failed since the last success of any. */
  const failing = new Set<Endpoint>();
  let members: readonly Endpoint[] = [];

  function candidates(): readonly Endpoint[] {
    const endpoints = endpointSource.endpoints();
    if (endpoints !== members) {
      if (endpoints.some((endpoint) => !members.includes(endpoint))) parts.breaker.reset();
      members = endpoints;
      outlierDetector.prune(endpoints);
      unresolved.clear();
      failing.clear();
    }
    return outlierDetector.available(activeChecks?.healthy(endpoints) ?? endpoints);
  }

  function healthOf(endpoint: Endpoint): Health {
    if (unresolved.has(endpoint)) return 'DNS_ERROR';
    if (healthchecksOff) return 'HEALTHCHECKS_OFF';
    return outlierDetector.state(endpoint) === 'OPEN' || activeChecks?.isUnhealthy(endpoint) === true
      ? 'UNHEALTHY'
      : 'HEALTHY';
  }

  /** As in Kong, an upstream below its threshold is unhealthy as a whole. */
  function healthyEnough(): boolean {
    if (threshold === 0) return true;
    const healthy = members.filter((endpoint) => healthOf(endpoint) === 'HEALTHY');
    return 100 * totalWeight(healthy) >= threshold * totalWeight(members);
  }

  return {
    ...parts,
    pick: (key, except) => {
      const available = candidates();
      if (!healthyEnough()) return undefined;
      const others = except === undefined ? available : available.filter((endpoint) => endpoint !== except);
      return loadBalancer.pick(others, key);
    },
    emptyReason: () => {
      if (endpointSource.endpoints().length === 0) return endpointSource.emptyReason();
      return healthyEnough() ? 'zero_weight' : 'below_threshold';
    },
    onStart: (endpoint) => {
      endpoint.activeRequests += 1;
      outlierDetector.onStart(endpoint);
    },
    onResponse: (endpoint, status) => {
      unresolved.delete(endpoint);
      if (isUnavailableStatus(status)) failing.add(endpoint);
      else if (failing.size > 0) failing.clear();
      const isHealthy = classifyStatus(status);
      if (isHealthy === true) outlierDetector.onSuccess(endpoint);
      else if (isHealthy === false) outlierDetector.onFailure(endpoint, 'error');
      else outlierDetector.onAbort(endpoint);
    },
    onFailure: (endpoint, failure, cause) => {
      if (isDnsError(cause)) unresolved.add(endpoint);
      failing.add(endpoint);
      outlierDetector.onFailure(endpoint, failure);
    },
    onAbort: (endpoint) => outlierDetector.onAbort(endpoint),
    allUnhealthy: () =>
      candidates().every((endpoint) => failing.has(endpoint) || !loadBalancer.receivesTraffic(endpoint)),
    setWeight: (target, weight) => {
      if (targets.has(target)) loadBalancer.setWeight(target, weight);
      return targets.has(target);
    },
    health: () => endpointSource.endpoints().map((endpoint) => ({ endpoint, health: healthOf(endpoint) })),
  };
}

function totalWeight(endpoints: readonly Endpoint[]): number {
  return endpoints.reduce((sum, { weight }) => sum + weight, 0);
}

function isDnsError(cause: unknown): boolean {
  if (!Error.isError(cause) || !('code' in cause)) return false;
  return cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN';
}
