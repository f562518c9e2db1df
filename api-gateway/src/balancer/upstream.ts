import type { OutlierDetector, FailureReason } from '@plaza/service-client';
import type { CircuitBreaker, Bulkhead, RetryPolicy } from '@plaza/resilience';
import type { ActiveChecks } from './active-checks.ts';
import type { HashKeyExtractor } from './hash-key.ts';
import type { EndpointSource } from './endpoint-discovery.ts';
import type { Endpoint } from './endpoint.ts';
import { isUnavailableStatus, type StatusClassifier } from './passive-checks.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { RequestMetrics } from './upstream-metrics.ts';

/** Kong's words for how a target is. */
export type Health = 'HEALTHY' | 'UNHEALTHY' | 'DNS_ERROR' | 'HEALTHCHECKS_OFF';

export interface EndpointHealth {
  readonly endpoint: Endpoint;
  readonly health: Health;
}

/** All that answer for one name: who they are, whose turn it is, and how they are. Reads from memory. */
export interface Upstream {
  readonly name: string;
  /** The Host that its targets see; undefined for their own. */
  readonly hostHeader: string | undefined;
  /** The cookie that keeps a client with its instance, where there is one. */
  readonly stickyCookie: { readonly name: string; readonly path: string } | undefined;
  /** For the service as a whole: settled at the headers of its answers. */
  readonly breaker: CircuitBreaker;
  /** For the service as a whole: held until the last byte. */
  readonly bulkhead: Bulkhead;
  readonly retryPolicy: RetryPolicy;
  readonly requestMetrics: RequestMetrics;
  /** What of a request decides who gets it, if anything does. */
  readonly hashKeyExtractor: HashKeyExtractor | undefined;
  /**
   * Whose turn it is, among those neither draining, ejected nor failing their checks; undefined where nobody is.
   * @param except who was tried already.
   */
  pick(key?: string, except?: Endpoint): Endpoint | undefined;
  /** A call to this instance begins; one of the next three says how it went. */
  onStart(endpoint: Endpoint): void;
  onResponse(endpoint: Endpoint, status: number): void;
  onFailure(endpoint: Endpoint, failure: FailureReason, cause?: unknown): void;
  /** It ended without saying anything about the instance. */
  onAbort(endpoint: Endpoint): void;
  /** Whether all that get traffic have failed since anybody answered: it is not one of them, but the service. */
  allUnhealthy(): boolean;
  /** Gives a target its share of the traffic, until the configuration is replaced. False where it has no such target. */
  setWeight(target: string, weight: number): boolean;
  health(): readonly EndpointHealth[];
}

/** What an upstream is made of. */
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
  /** Names of targets. */
  readonly targets: ReadonlySet<string>;
  /** Whether a status speaks against the instance (false), for it (true), or neither. */
  readonly classifyStatus: StatusClassifier;
  /** Percent of its weight that must be healthy, or nobody is asked. */
  readonly threshold: number;
  /** Neither passive nor active checks. */
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
  /** Since anybody last answered. */
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

  /** Kong's: below its threshold an upstream is unhealthy as a whole. */
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
