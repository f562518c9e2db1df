import type { ServiceInstance, ServiceWatch } from '@plaza/discovery';
import type { CircuitBreaker } from '@plaza/resilience';
import type { HealthCheck } from '@plaza/service-kit';
import type { OutlierDetector } from '../outlier-detection/outlier-detection.ts';

export interface UpstreamHealthCheckOptions {
  readonly watch: Pick<ServiceWatch, 'service' | 'current' | 'ageMs'>;
  readonly outlierDetector: Pick<OutlierDetector<ServiceInstance>, 'state'>;
  readonly breaker: Pick<CircuitBreaker, 'state'>;
}

/** Shows how another service looks from here. Never required: what needs no such call goes on. */
export function createUpstreamHealthCheck({
  watch,
  outlierDetector,
  breaker,
}: UpstreamHealthCheckOptions): HealthCheck {
  return {
    name: watch.service,
    group: 'externalServices',
    required: false,
    check: async () => {
      const { instances, source } = watch.current();
      if (instances.length === 0) throw new Error('no instance is known');
      if (breaker.state === 'OPEN') throw new Error('the circuit is open');
      const age = watch.ageMs();
      return {
        circuit: breaker.state,
        source,
        instances: Object.fromEntries(
          instances.map((instance) => [instance.instanceId, outlierDetector.state(instance)]),
        ),
        ...(age === undefined ? {} : { ageSeconds: Math.round(age / 1_000) }),
      };
    },
  };
}
