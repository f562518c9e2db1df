import type { Upstream } from '../../declaration/declaration.ts';
import type { Keeper } from '../../runtime/keeper.ts';
import { undeclared } from '../../upstream/upstreams.ts';

/** Those of the file, and one for each name of the registry that a service has for its host. */
export function knownUpstreams(keeper: Keeper): readonly Upstream[] {
  const declared = keeper.upstreams();
  const known = new Set(declared.map(({ name }) => name));
  const hosts = keeper
    .read()
    .declaration.services.flatMap(({ address }) => (address.port === undefined ? [address.host] : []));
  return [...declared, ...[...new Set(hosts)].filter((host) => !known.has(host)).map(undeclared)];
}
