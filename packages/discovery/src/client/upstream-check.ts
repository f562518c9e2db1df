import type { Breaker } from '@plaza/resilience';
import type { HealthCheck } from '@plaza/service-kit';
import type { Ejection } from '../ejection/ejection.ts';
import type { Instance } from '../instance.ts';
import type { Watch } from '../watch.ts';

export interface UpstreamCheckOptions {
  readonly watch: Pick<Watch, 'service' | 'current' | 'ageMs'>;
  readonly ejection: Pick<Ejection<Instance>, 'state'>;
  readonly breaker: Pick<Breaker, 'state'>;
}

/** Shows how another service looks from here. Never required: what needs no such call goes on. */
export function upstreamCheck({ watch, ejection, breaker }: UpstreamCheckOptions): HealthCheck {
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
          instances.map((instance) => [instance.instanceId, ejection.state(instance)]),
        ),
        ...(age === undefined ? {} : { ageSeconds: Math.round(age / 1_000) }),
      };
    },
  };
}
