import type { HealthCheck } from '@plaza/service-kit';
import type { RegistrationComponent } from './registration.ts';
import type { RegistryClient } from './registry-client.ts';
import type { Watch } from './watch.ts';

/** Shows whether this service is registered, and what it knows of the others. Never required: a registry that is away stops nobody. */
export function registryCheck(
  { urls }: Pick<RegistryClient, 'urls'>,
  registration: Pick<RegistrationComponent, 'registered'>,
  watches: ReadonlyMap<string, Watch>,
): HealthCheck {
  return {
    name: 'registry',
    group: 'externalServices',
    required: false,
    check: async () => {
      if (!registration.registered()) throw new Error(`not registered${lastKnown(watches)}`);
      return {
        urls,
        watching: Object.fromEntries([...watches].map(([service, watch]) => [service, view(watch)])),
      };
    },
  };
}

function view(watch: Watch) {
  const { instances, source } = watch.current();
  return { instances: instances.length, source, ageSeconds: ageSeconds(watch) ?? null };
}

function ageSeconds(watch: Watch): number | undefined {
  const age = watch.ageMs();
  return age === undefined ? undefined : Math.round(age / 1_000);
}

function lastKnown(watches: ReadonlyMap<string, Watch>): string {
  const ages = [...watches.values()].flatMap((watch) => ageSeconds(watch) ?? []);
  return ages.length === 0 ? '' : `: going on with what was known ${Math.max(...ages)} s ago`;
}
