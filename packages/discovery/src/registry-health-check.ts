import type { HealthCheck } from '@plaza/service-kit';
import type { RegistrationComponent } from './registration.ts';
import type { RegistryClient } from './registry-client.ts';
import type { ServiceWatch } from './service-watch.ts';

/** Shows whether this service is registered, and the instances of the others. Never required: services work without a registry. */
export function createRegistryHealthCheck(
  { urls }: Pick<RegistryClient, 'urls'>,
  registration: Pick<RegistrationComponent, 'isRegistered'>,
  watches: ReadonlyMap<string, ServiceWatch>,
): HealthCheck {
  return {
    name: 'registry',
    group: 'externalServices',
    required: false,
    check: async () => {
      if (!registration.isRegistered()) throw new Error(`not registered${describeLastKnown(watches)}`);
      return {
        urls,
        watching: Object.fromEntries(
          [...watches].map(([service, watch]) => [service, summarizeWatch(watch)]),
        ),
      };
    },
  };
}

function summarizeWatch(watch: ServiceWatch) {
  const { instances, source } = watch.current();
  return { instances: instances.length, source, ageSeconds: ageSeconds(watch) ?? null };
}

function ageSeconds(watch: ServiceWatch): number | undefined {
  const age = watch.ageMs();
  return age === undefined ? undefined : Math.round(age / 1_000);
}

function describeLastKnown(watches: ReadonlyMap<string, ServiceWatch>): string {
  const ages = [...watches.values()].flatMap((watch) => ageSeconds(watch) ?? []);
  return ages.length === 0 ? '' : `: going on with what was known ${Math.max(...ages)} s ago`;
}
