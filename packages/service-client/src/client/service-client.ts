import {
  createCircuitBreaker,
  createBulkhead,
  createTimeoutPolicy,
  createRetryBudget,
  createRetryPolicy,
  type CircuitBreaker,
} from '@plaza/resilience';
import type { ServiceInstance, ServiceWatch } from '@plaza/discovery';
import type { HealthCheck, Logger, Metrics, ServiceTokens } from '@plaza/service-kit';
import { leastRequests } from '../balancer/least-requests.ts';
import { createOutlierDetector, type OutlierDetector } from '../outlier-detection/outlier-detection.ts';
import { createServiceClientMetrics, type ServiceClientMetrics } from '../metrics.ts';
import { onInstanceAdded } from './on-instance-added.ts';
import { createRetryingRequest } from './retrying-request.ts';
import type { ServiceResponse, ServiceRequest } from './service-request.ts';
import { createInstanceSelector, type InstanceSelector } from './instance-selector.ts';
import { NoInstanceKnown } from './client.errors.ts';
import { createRequestAttempt } from './attempt.ts';
import { createUpstreamHealthCheck } from './upstream-health-check.ts';

export interface ServiceClientOptions {
  /** Of the service that is called: `discovery.watch('users-service')`. */
  readonly watch: Pick<ServiceWatch, 'service' | 'current' | 'ageMs' | 'onChange'>;
  /** Of the service that calls. */
  readonly serviceTokens: Pick<ServiceTokens, 'issue'>;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'registry'>;
  /** Milliseconds that a call may take, with all its tries and what it waits for a place. Default 5,000. */
  readonly timeoutMs?: number;
  /** A signal that aborts after so many milliseconds: when a first try has had its time. Default `AbortSignal.timeout`. */
  readonly createTimeoutSignal?: (milliseconds: number) => AbortSignal;
  /** Calls at once (default 50), of which one instance gets half where there are others, and calls that wait (100). */
  readonly bulkhead?: { readonly limit?: number; readonly queue?: number };
  /** Failures in a row, for each instance that is known, which open the circuit (5), and for how long (10,000 ms). */
  readonly breaker?: { readonly failureThreshold?: number; readonly resetTimeout?: number };
  /** Bytes of an answer at most. Default 1 MiB. */
  readonly maxResponseBytes?: number;
}

/**
 * Calls another service. A call goes to the less busy of two instances, none of which is ejected. A second one, on
 * another instance, is made where no connection stood, or where nothing good came and the call may come twice; from a
 * budget of 20 % of all calls. The circuit opens for 10 s after five failures in a row for each instance: by then each
 * would have been ejected, so it never opens for one bad instance among others. It closes sooner where the registry
 * names another instance, or one that is back.
 */
export interface ServiceClient {
  /**
   * @returns a 2xx or a 4xx other than 429.
   * @throws {UpstreamUnavailable} {NoInstanceKnown} {CircuitOpen} {BulkheadFull} {DeadlineExceeded}
   */
  request(call: ServiceRequest): Promise<ServiceResponse>;
  readonly breaker: Pick<CircuitBreaker, 'state' | 'onStateChange'>;
  /** For /health. */
  readonly check: HealthCheck;
}

const TIMEOUT_MS = 5_000;
const LIMIT = 50;
const FAILURES_EACH = 5;
const MOST_BYTES = 1_048_576;

export function createServiceClient(options: ServiceClientOptions): ServiceClient {
  const { watch, serviceTokens, logger, timeoutMs = TIMEOUT_MS, maxResponseBytes = MOST_BYTES } = options;
  const upstream = watch.service;
  const metrics = createServiceClientMetrics(options.metrics.registry);
  const about = { name: upstream, metrics: metrics.resilience };

  const outlierDetector = createOutlierDetector<ServiceInstance>({ upstream, logger, metrics });
  watch.onChange(({ instances }) => outlierDetector.prune(instances));
  const retryingRequest = createRetryingRequest({
    upstream,
    // Instances that exist and are not selected have no weight.
    emptyReason: () => watch.current().emptyReason ?? 'zero_weight',
    selectInstance: createSelector(options, outlierDetector, metrics),
    attempt: createRequestAttempt({ outlierDetector, metrics, upstream, maxResponseBytes }),
    retryPolicy: createRetryPolicy({
      budget: createRetryBudget(about),
      retryTimeouts: true,
      retryUnavailable: true,
    }),
    serviceTokens,
    timeoutMs,
    createTimeoutSignal: options.createTimeoutSignal ?? ((milliseconds) => AbortSignal.timeout(milliseconds)),
  });

  const deadline = createTimeoutPolicy({ ...about, timeoutMs });
  const bulkhead = createBulkhead({ ...about, ...options.bulkhead });
  const breaker = createClientBreaker(options, metrics);
  onInstanceAdded(watch, breaker.reset);

  return {
    request: (call) =>
      deadline.run((signal) =>
        bulkhead.run(async () => {
          signal.throwIfAborted();
          return breaker.run(() => retryingRequest(call, signal));
        }),
      ),
    breaker,
    check: createUpstreamHealthCheck({ watch, outlierDetector, breaker }),
  };
}

function createSelector(
  { watch, bulkhead: { limit = LIMIT } = {} }: ServiceClientOptions,
  outlierDetector: OutlierDetector<ServiceInstance>,
  metrics: ServiceClientMetrics,
): InstanceSelector {
  return createInstanceSelector({
    watch,
    outlierDetector,
    balancer: leastRequests({ activeRequests: outlierDetector.activeRequests }),
    maxPerInstance: Math.ceil(limit / 2),
    metrics: metrics.resilience,
  });
}

function createClientBreaker(
  { watch, logger, breaker: { failureThreshold = FAILURES_EACH, ...rest } = {} }: ServiceClientOptions,
  metrics: ServiceClientMetrics,
): CircuitBreaker {
  return createCircuitBreaker({
    ...rest,
    name: watch.service,
    logger,
    metrics: metrics.resilience,
    failureThreshold: () => failureThreshold * Math.max(1, watch.current().instances.length),
    isFailure: (error) => !(error instanceof NoInstanceKnown),
  });
}
