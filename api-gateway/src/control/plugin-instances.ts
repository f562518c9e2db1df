import type { Logger } from '@plaza/service-kit';
import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';
import { createConsumerIndex } from '../kong-config/model/consumer-index.ts';
import type { DeclarativeConfig, PluginEntity } from '../kong-config/model/entities.ts';
import type { PluginContext, PluginInstance, PluginDefinition } from '../plugins/api/plugin.ts';
import { createUrlResolver } from '../balancer/url-resolver.ts';
import type { UpstreamRegistry } from '../balancer/upstream-registry.ts';
import type { PluginStateStore } from './plugin-state.ts';
import { pluginCloseFailed } from './control.log-events.ts';
import { createPluginLogger } from '../plugins/api/plugin-logger.ts';

/** What plugin instances are created with. It outlives them. */
export interface PluginDependencies {
  readonly kinds: readonly PluginDefinition[];
  readonly upstreams: UpstreamRegistry;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly redis: Redis | undefined;
  /** A token of the gateway itself. */
  readonly serviceToken: () => Promise<string>;
  readonly clientIdleMs: number;
  readonly pluginState: PluginStateStore;
}

/** The enabled entries, in the order of the file. */
export type PluginInstances = ReadonlyMap<PluginEntity, PluginInstance>;

/**
 * Creates an instance of each enabled entry. If one fails, those before it are closed.
 * @throws the plugin's error, after the name of the entry.
 */
export function createPluginInstances(
  { plugins, consumers }: DeclarativeConfig,
  dependencies: PluginDependencies,
): PluginInstances {
  const { kinds, logger, pluginState } = dependencies;
  const enabled = plugins.flatMap((entry) => {
    const kind = kinds.find(({ name }) => name === entry.name);
    return kind === undefined || !entry.enabled ? [] : [{ entry, kind }];
  });
  const common = { consumers: createConsumerIndex(consumers), secretNames: collectSecretNames(enabled) };
  const created = new Map<PluginEntity, PluginInstance>();
  try {
    for (const { entry, kind } of enabled)
      created.set(
        entry,
        createPluginInstance(kind, entry, { ...createPluginContext(entry, dependencies), ...common }),
      );
    pluginState.commit();
    return created;
  } catch (error) {
    void closePluginInstances(created, logger);
    pluginState.rollBack();
    throw error;
  }
}

/** Never rejects. */
export async function closePluginInstances(instances: PluginInstances, logger: Logger): Promise<void> {
  for (const [{ name }, instance] of instances) {
    try {
      await instance.close?.();
    } catch (error) {
      logger.error(pluginCloseFailed, { plugin: name, error });
    }
  }
}

interface EnabledPlugin {
  readonly entry: PluginEntity;
  readonly kind: PluginDefinition;
}

function collectSecretNames(enabled: readonly EnabledPlugin[]): ReadonlySet<string> {
  const names = enabled.flatMap(({ entry, kind }) => kind.secretNames?.(entry.config) ?? []);
  return new Set(names.map((name) => name.toLowerCase()));
}

function createPluginInstance(
  kind: PluginDefinition,
  { config }: PluginEntity,
  context: PluginContext,
): PluginInstance {
  try {
    return kind.create(config, context);
  } catch (error) {
    throw new Error(`${context.name}: ${Error.isError(error) ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function createPluginContext(
  { name, service, route, consumer }: PluginEntity,
  { logger, metrics, redis, serviceToken, clientIdleMs, pluginState, upstreams }: PluginDependencies,
): Omit<PluginContext, 'secretNames' | 'consumers'> {
  const scope = [
    ...(service === undefined ? [] : [`service:${service}`]),
    ...(route === undefined ? [] : [`route:${route}`]),
    ...(consumer === undefined ? [] : [`consumer:${consumer}`]),
  ];
  return {
    name: [name, ...(scope.length === 0 ? ['global'] : scope)].join('/'),
    scope: { service, route, consumer },
    logger: createPluginLogger(logger),
    metrics,
    redis,
    resolveUrl: (url) => createUrlResolver(url, upstreams),
    serviceToken,
    clientIdleMs,
    now: Date.now,
    shared: (key, make) => pluginState.getOrCreate(`${name} ${key}`, make),
  };
}
