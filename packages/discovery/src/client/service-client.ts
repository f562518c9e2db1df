import {
  createBreaker,
  createBulkhead,
  createDeadline,
  createRetryBudget,
  type Breaker,
} from '@plaza/resilience';
import type { HealthCheck, Logger, Metrics, ServiceTokens } from '@plaza/service-kit';
import { leastRequests } from '../balancer/least-requests.ts';
import { createEjection, type Ejection } from '../ejection/ejection.ts';
import type { Instance } from '../instance.ts';
import { createDiscoveryMetrics, type DiscoveryMetrics } from '../metrics.ts';
import type { Watch } from '../watch.ts';
import { onArrival } from './arrival.ts';
import { createAsk } from './asking.ts';
import type { ServiceAnswer, ServiceCall } from './call.ts';
import { createChoice, type Choice } from './choice.ts';
import { NoInstanceKnown } from './client.errors.ts';
import { createTry } from './try.ts';
import { upstreamCheck } from './upstream-check.ts';

export interface ServiceClientOptions {
  /** Of the service that is called: `discovery.watch('users-service')`. */
  readonly watch: Pick<Watch, 'service' | 'current' | 'ageMs' | 'onChange'>;
  /** Of the service that calls. */
  readonly serviceTokens: Pick<ServiceTokens, 'issue'>;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'registry'>;
  /** Milliseconds that a call may take, with all its tries and what it waits for a place. Default 5,000. */
  readonly timeoutMs?: number;
  /** A signal that aborts after so many milliseconds: when a first try has had its time. Default `AbortSignal.timeout`. */
  readonly expiry?: (milliseconds: number) => AbortSignal;
  /** Calls at once (default 50), of which one instance gets half where there are others, and calls that wait (100). */
  readonly bulkhead?: { readonly limit?: number; readonly queue?: number };
  /** Failures in a row, for each instance that is known, which open the circuit (5), and for how long (10,000 ms). */
  readonly breaker?: { readonly failureThreshold?: number; readonly resetTimeout?: number };
  /** Bytes of an answer at most. Default 1 MiB. */
  readonly mostBytes?: number;
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
  request(call: ServiceCall): Promise<ServiceAnswer>;
  readonly breaker: Pick<Breaker, 'state' | 'onStateChange'>;
  /** For /health. */
  readonly check: HealthCheck;
}

const TIMEOUT_MS = 5_000;
const LIMIT = 50;
const FAILURES_EACH = 5;
const MOST_BYTES = 1_048_576;

export function createServiceClient(options: ServiceClientOptions): ServiceClient {
  const { watch, serviceTokens, logger, timeoutMs = TIMEOUT_MS, mostBytes = MOST_BYTES } = options;
  const upstream = watch.service;
  const metrics = createDiscoveryMetrics(options.metrics.registry);
  const about = { name: upstream, metrics: metrics.resilience };

  const ejection = createEjection<Instance>({ upstream, logger, metrics });
  watch.onChange(({ instances }) => ejection.retain(instances));
  const ask = createAsk({
    upstream,
    choose: choiceOf(options, ejection, metrics),
    makeTry: createTry({ ejection, metrics, upstream, mostBytes }),
    budget: createRetryBudget(about),
    serviceTokens,
    timeoutMs,
    expiry: options.expiry ?? ((milliseconds) => AbortSignal.timeout(milliseconds)),
  });

  const deadline = createDeadline({ ...about, milliseconds: timeoutMs });
  const bulkhead = createBulkhead({ ...about, ...options.bulkhead });
  const breaker = breakerOf(options, metrics);
  onArrival(watch, breaker.reset);

  return {
    request: (call) =>
      deadline.run((signal) =>
        bulkhead.run(async () => {
          signal.throwIfAborted();
          return breaker.run(() => ask(call, signal));
        }),
      ),
    breaker,
    check: upstreamCheck({ watch, ejection, breaker }),
  };
}

function choiceOf(
  { watch, bulkhead: { limit = LIMIT } = {} }: ServiceClientOptions,
  ejection: Ejection<Instance>,
  metrics: DiscoveryMetrics,
): Choice {
  return createChoice({
    watch,
    ejection,
    balancer: leastRequests({ active: ejection.active }),
    mostEach: Math.ceil(limit / 2),
    metrics: metrics.resilience,
  });
}

function breakerOf(
  { watch, logger, breaker: { failureThreshold = FAILURES_EACH, ...rest } = {} }: ServiceClientOptions,
  metrics: DiscoveryMetrics,
): Breaker {
  return createBreaker({
    ...rest,
    name: watch.service,
    logger,
    metrics: metrics.resilience,
    failureThreshold: () => failureThreshold * Math.max(1, watch.current().instances.length),
    isFailure: (error) => !(error instanceof NoInstanceKnown),
  });
}
