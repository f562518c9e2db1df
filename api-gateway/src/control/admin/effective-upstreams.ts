import type { UpstreamEntity } from '../../kong-config/model/entities.ts';
import type { ConfigManager } from '../config-manager.ts';
import { implicitUpstream } from '../../balancer/upstream-registry.ts';

/** The upstreams of the file, and an implicit one for each registry name that is a service's host. */
export function effectiveUpstreams(configManager: ConfigManager): readonly UpstreamEntity[] {
  const declared = configManager.upstreams();
  const known = new Set(declared.map(({ name }) => name));
  const hosts = configManager
    .current()
    .config.services.flatMap(({ address }) => (address.port === undefined ? [address.host] : []));
  return [...declared, ...[...new Set(hosts)].filter((host) => !known.has(host)).map(implicitUpstream)];
}
