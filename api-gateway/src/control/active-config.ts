import type { DeclarativeConfig } from '../kong-config/model/entities.ts';
import { compileConfig, type CompiledConfig, type ConfigDependencies } from './compiled-config.ts';

/** A configuration that one request holds on to. */
export interface ConfigRef {
  readonly compiledConfig: CompiledConfig;
  /** Call it when the request has ended. */
  release(): void;
}

/** Holds the configuration in force and replaces it without a pause: a request keeps the one that it began with. */
export interface ActiveConfig {
  current(): CompiledConfig;
  /** The configuration in force, for one request. */
  acquire(): ConfigRef;
  /**
   * Puts another configuration in force, after the registry has answered for its services. Not to be called
   * concurrently.
   * @throws what a plugin throws that cannot be created; the old configuration then stays in force.
   */
  activate(config: DeclarativeConfig): Promise<void>;
  /** The overrides have changed: applies them to the upstreams. */
  applyOverrides(): void;
  close(): Promise<void>;
}

export function createActiveConfig(
  initial: DeclarativeConfig,
  dependencies: ConfigDependencies,
): ActiveConfig {
  const { upstreams, withOverrides } = dependencies;
  let active = refCounted(compileConfig(initial, dependencies));
  let closed = false;
  configureUpstreams(active.compiledConfig);

  /** Also starts to watch the services' instances, so that the first request need not wait for them. */
  function configureUpstreams({ config, bindUpstreams }: CompiledConfig): void {
    upstreams.configure(withOverrides(config.upstreams));
    upstreams.prune(config.services.map(({ address }) => address));
    for (const { address } of config.services) upstreams.resolve(address);
    bindUpstreams();
  }

  return {
    current: () => active.compiledConfig,
    acquire: () => active.acquire(),
    activate: async (config) => {
      const next = refCounted(compileConfig(config, dependencies));
      const addresses = config.services.map(({ address }) => address);
      await upstreams.awaitDiscovery(withOverrides(config.upstreams), addresses);
      if (closed) {
        await next.compiledConfig.close();
        return;
      }
      configureUpstreams(next.compiledConfig);
      active.retire();
      active = next;
    },
    applyOverrides: () => {
      const { config, bindUpstreams } = active.compiledConfig;
      upstreams.configure(withOverrides(config.upstreams));
      bindUpstreams();
    },
    close: () => {
      closed = true;
      return active.compiledConfig.close();
    },
  };
}

/** Counts the requests of a configuration, and closes it once it is retired and the last of them has ended. */
function refCounted(compiledConfig: CompiledConfig) {
  let activeRequests = 0;
  let retired = false;
  const closeIfDone = () => {
    if (!retired || activeRequests > 0) return;
    void compiledConfig.close();
  };
  const configRef: ConfigRef = {
    compiledConfig,
    release: () => {
      activeRequests -= 1;
      closeIfDone();
    },
  };
  return {
    compiledConfig,
    acquire: () => {
      activeRequests += 1;
      return configRef;
    },
    retire: () => {
      retired = true;
      closeIfDone();
    },
  };
}
