import type { ConsumerEntity, PluginEntity, RouteEntity } from '../kong-config/model/entities.ts';

/**
 * How specific an entry is: of several entries of one plugin, only the most specific one runs. Kong's order
 * (https://developer.konghq.com/gateway/entities/plugin/#plugin-precedence).
 */
export function pluginPrecedence({ consumer, route, service }: PluginEntity): number {
  if (consumer !== undefined) {
    if (route !== undefined && service !== undefined) return 7;
    if (route !== undefined) return 6;
    return service !== undefined ? 5 : 3;
  }
  if (route !== undefined) return service !== undefined ? 4 : 2;
  return service !== undefined ? 1 : 0;
}

/** Whether an entry applies to this route, for any consumer. */
export function appliesToRoute(entry: PluginEntity, route: RouteEntity): boolean {
  if (!entry.enabled) return false;
  if (entry.route !== undefined && entry.route !== route.name) return false;
  return entry.service === undefined || entry.service === route.service?.name;
}

/** The entry that applies to this consumer, or to requests without one. */
export function mostSpecificEntry(
  entries: readonly PluginEntity[],
  consumer: ConsumerEntity | undefined,
): PluginEntity | undefined {
  return entries
    .filter((entry) => entry.consumer === undefined || entry.consumer === consumer?.username)
    .toSorted((one, other) => pluginPrecedence(other) - pluginPrecedence(one))[0];
}
