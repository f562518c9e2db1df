import type { PlazaError } from '@plaza/errors';
import type { Logger } from '@plaza/service-kit';
import type { PluginInstance } from '../plugins/api/plugin.ts';
import type { RequestContext } from '../plugins/api/request-context.ts';
import type { UpstreamResponseHead, BodyFilter } from '../plugins/api/response.ts';
import { pluginBodyFilterFailed, pluginLogFailed } from './proxy.log-events.ts';

/** One plugin of one route. Which of its instances runs depends on the consumer. */
export interface ScopedPlugin {
  readonly name: string;
  /** Whether it also runs for a request that has an `authError`. */
  readonly runsOnAuthError: boolean;
  /** For requests without a consumer, and for consumers without an instance of their own. */
  readonly defaultInstance: PluginInstance | undefined;
  /** By username; undefined if no instance is for a consumer. */
  readonly byConsumer: ReadonlyMap<string, PluginInstance> | undefined;
}

/** The plugins of one route, in the order in which they run. */
export interface PluginChain {
  /** Stops when a plugin has sent a response. Throws the error to send. */
  access(requestContext: RequestContext): Promise<void>;
  /** Runs when the head of the upstream response has arrived; returns the filters for the body. */
  headerFilter(requestContext: RequestContext, responseHead: UpstreamResponseHead): readonly BodyFilter[];
  /** There is no upstream response. Resolves with whether a plugin has sent a response instead. */
  onError(requestContext: RequestContext, error: PlazaError): Promise<boolean>;
  /** Runs after the response has ended. */
  log(requestContext: RequestContext): void;
}

const NO_BODY_FILTERS: readonly BodyFilter[] = [];

/**
 * An error that a plugin throws before the response has begun is sent to the client. A later one can only be
 * logged, and the response continues without that plugin.
 * @param plugins in the order in which they run.
 */
export function createPluginChain(plugins: readonly ScopedPlugin[], logger: Logger): PluginChain {
  const accessing = withPhase(plugins, 'access');
  const responding = withPhase(plugins, 'headerFilter');
  const failing = withPhase(plugins, 'onError');
  const logging = withPhase(plugins, 'log');

  return {
    access: async (requestContext) => {
      const { response } = requestContext;
      for (const plugin of accessing) {
        if (requestContext.authError !== undefined && !plugin.runsOnAuthError) throw requestContext.authError;
        const waiting = instanceFor(plugin, requestContext)?.access?.(requestContext);
        if (waiting !== undefined) await waiting;
        if (response.writableEnded || response.destroyed) return;
      }
      if (requestContext.authError !== undefined) throw requestContext.authError;
    },
    headerFilter: (requestContext, responseHead) => {
      let bodyFilters = NO_BODY_FILTERS;
      for (const plugin of responding) {
        const bodyFilter = instanceFor(plugin, requestContext)?.headerFilter?.(requestContext, responseHead);
        if (bodyFilter !== undefined)
          bodyFilters = [...bodyFilters, guardBodyFilter(bodyFilter, plugin.name, logger)];
      }
      return bodyFilters;
    },
    onError: async (requestContext, error) => {
      for (const plugin of failing) {
        if ((await instanceFor(plugin, requestContext)?.onError?.(requestContext, error)) === true)
          return true;
      }
      return false;
    },
    log: (requestContext) => {
      for (const plugin of logging) {
        try {
          instanceFor(plugin, requestContext)?.log?.(requestContext);
        } catch (error) {
          logger.error(pluginLogFailed, { plugin: plugin.name, error });
        }
      }
    },
  };
}

/** A filter that throws gets no further chunks. */
function guardBodyFilter(bodyFilter: BodyFilter, plugin: string, logger: Logger): BodyFilter {
  let broken = false;
  const attempt = (look: () => void) => {
    if (broken) return;
    try {
      look();
    } catch (error) {
      broken = true;
      logger.error(pluginBodyFilterFailed, { plugin, error });
    }
  };
  return {
    chunk: (data) => attempt(() => bodyFilter.chunk(data)),
    end: (complete) => attempt(() => bodyFilter.end(complete)),
  };
}

function withPhase(plugins: readonly ScopedPlugin[], hook: keyof PluginInstance): readonly ScopedPlugin[] {
  return plugins.filter(({ defaultInstance, byConsumer }) =>
    [defaultInstance, ...(byConsumer?.values() ?? [])].some((instance) => instance?.[hook] !== undefined),
  );
}

function instanceFor(
  { defaultInstance, byConsumer }: ScopedPlugin,
  { consumer }: RequestContext,
): PluginInstance | undefined {
  if (byConsumer === undefined || consumer === undefined) return defaultInstance;
  return byConsumer.get(consumer.username) ?? defaultInstance;
}
