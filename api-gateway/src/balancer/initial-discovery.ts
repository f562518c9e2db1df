import { settlesWithin } from '@plaza/concurrency';
import type { ServiceWatch } from '@plaza/discovery';
import type { ServiceAddress } from '../kong-config/model/service-address.ts';
import type { UpstreamEntity } from '../kong-config/model/entities.ts';
import { parseSelector } from './label-selector.ts';

/** Milliseconds. */
const MAX_WAIT_MS = 1_000;

/** Resolves once the registry has answered the first query of each watch, or after a second. */
export async function awaitInitialDiscovery(watches: readonly ServiceWatch[]): Promise<void> {
  await settlesWithin(Promise.all(watches.map((watch) => watch.start())), MAX_WAIT_MS);
}

/** The names of these upstreams and addresses that are looked up in the registry. */
export function registryNames(
  declared: readonly UpstreamEntity[],
  addresses: readonly ServiceAddress[],
): string[] {
  const names = new Set(declared.map(({ name }) => name));
  return [
    ...declared.flatMap(({ name, targets }) => (hasOnlyAddresses(targets) ? [] : [name])),
    ...addresses.flatMap(({ host, port }) => (port === undefined && !names.has(host) ? [host] : [])),
  ];
}

const hasOnlyAddresses = (targets: UpstreamEntity['targets']) =>
  targets.length > 0 && targets.every(({ target }) => parseSelector(target) === undefined);
