import type { DeclarativeConfig } from '../kong-config/model/entities.ts';
import { compileConfig, type CompiledConfig, type ConfigDependencies } from './compiled-config.ts';

/** A configuration and the requests that go by it. */
export interface ConfigRef {
  readonly compiledConfig: CompiledConfig;
  /** The request has ended. */
  release(): void;
}

/** Holds the configuration in force and swaps it in flight: a request ends with the one that it began with. */
export interface ActiveConfig {
  current(): CompiledConfig;
  /** The configuration in force, for one request. */
  acquire(): ConfigRef;
  /**
   * Puts another in force, once it is known who answers for its services. One at a time.
   * @throws what a plugin throws that cannot be made; the old configuration then stays.
   */
  activate(config: DeclarativeConfig): Promise<void>;
  close(): Promise<void>;
}

export function createActiveConfig(
  initial: DeclarativeConfig,
  dependencies: ConfigDependencies,
): ActiveConfig {
  const { upstreams, withOverrides } = dependencies;
  let active = refCounted(compileConfig(initial, dependencies));
  let closed = false;
  configureUpstreams(initial);

  /** Whoever answers is followed from now on, and not from the first request on. */
  function configureUpstreams(config: DeclarativeConfig): void {
    upstreams.configure(withOverrides(config.upstreams));
    const addresses = config.services.map(({ address }) => address);
    upstreams.prune(addresses);
    for (const address of addresses) upstreams.resolve(address);
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
      active.compiledConfig.pinUpstreams();
      configureUpstreams(config);
      active.retire();
      active = next;
    },
    close: () => {
      closed = true;
      return active.compiledConfig.close();
    },
  };
}

/** Counts who is under way, and closes once it is retired and the last has ended. */
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
