import type { Logger } from '@plaza/service-kit';
import type { Redis } from 'ioredis';
import type { Registry } from 'prom-client';
import { createConsumerIndex } from '../declaration/consumer-index.ts';
import type { Declaration, PluginEntry } from '../declaration/declaration.ts';
import type { PluginContext, PluginInstance, PluginKind } from '../plugins/plugin.ts';
import { locator } from '../upstream/locator.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import type { SharedState } from './shared-state.ts';

/** What plugins are made with, and what outlives them. */
export interface PluginSurroundings {
  readonly kinds: readonly PluginKind[];
  readonly upstreams: Upstreams;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly redis: Redis | undefined;
  /** A token of the gateway's own. */
  readonly serviceToken: () => Promise<string>;
  readonly clientIdleMs: number;
  readonly shared: SharedState;
}

/** The entries that are at work, in the order of the file. */
export type PluginInstances = ReadonlyMap<PluginEntry, PluginInstance>;

/**
 * Makes each enabled entry. Where one cannot be made, those before it are closed again.
 * @throws what it says, after the entry's name.
 */
export function openPlugins(
  { plugins, consumers }: Declaration,
  surroundings: PluginSurroundings,
): PluginInstances {
  const { kinds, logger, shared } = surroundings;
  const enabled = plugins.flatMap((entry) => {
    const kind = kinds.find(({ name }) => name === entry.name);
    return kind === undefined || !entry.enabled ? [] : [{ entry, kind }];
  });
  const common = { consumers: createConsumerIndex(consumers), secretNames: secretNamesOf(enabled) };
  const opened = new Map<PluginEntry, PluginInstance>();
  try {
    for (const { entry, kind } of enabled)
      opened.set(entry, open(kind, entry, { ...contextOf(entry, surroundings), ...common }));
    shared.keep();
    return opened;
  } catch (error) {
    void closePlugins(opened, logger);
    shared.rollBack();
    throw error;
  }
}

/** Never rejects. */
export async function closePlugins(instances: PluginInstances, logger: Logger): Promise<void> {
  for (const [{ name }, instance] of instances) {
    try {
      await instance.close?.();
    } catch (error) {
      logger.error('a plugin failed to close', { plugin: name, error });
    }
  }
}

interface Enabled {
  readonly entry: PluginEntry;
  readonly kind: PluginKind;
}

function secretNamesOf(enabled: readonly Enabled[]): ReadonlySet<string> {
  const names = enabled.flatMap(({ entry, kind }) => kind.secretNames?.(entry.config) ?? []);
  return new Set(names.map((name) => name.toLowerCase()));
}

function open(kind: PluginKind, { config }: PluginEntry, context: PluginContext): PluginInstance {
  try {
    return kind.create(config, context);
  } catch (error) {
    throw new Error(`${context.name}: ${Error.isError(error) ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function contextOf(
  { name, service, route, consumer }: PluginEntry,
  { logger, metrics, redis, serviceToken, clientIdleMs, shared, upstreams }: PluginSurroundings,
): Omit<PluginContext, 'secretNames' | 'consumers'> {
  const scope = [
    ...(service === undefined ? [] : [`service:${service}`]),
    ...(route === undefined ? [] : [`route:${route}`]),
    ...(consumer === undefined ? [] : [`consumer:${consumer}`]),
  ];
  return {
    name: [name, ...(scope.length === 0 ? ['global'] : scope)].join('/'),
    scope: { service, route, consumer },
    logger,
    metrics,
    redis,
    locate: (url) => locator(url, upstreams),
    serviceToken,
    clientIdleMs,
    now: Date.now,
    shared: (key, make) => shared.of(`${name} ${key}`, make),
  };
}
