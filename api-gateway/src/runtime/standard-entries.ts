import type { PluginEntry } from '../declaration/declaration.ts';

/** The part of the environment that plugins are made of. */
export interface PluginEnvironment {
  readonly CORS_ORIGINS: readonly string[];
  readonly JWKS_URL: string;
  readonly RATE_LIMIT_ANONYMOUS: unknown;
  readonly RATE_LIMIT_USER: unknown;
}

/** What the gateway does with every request unless the declaration has an entry of the same plugin for everything. */
export function standardEntries(environment: PluginEnvironment): PluginEntry[] {
  const { CORS_ORIGINS: origins, JWKS_URL, RATE_LIMIT_ANONYMOUS, RATE_LIMIT_USER } = environment;
  return [
    entry('cors', { origins }),
    entry('authentication', { jwks_url: JWKS_URL }),
    entry('rate-limiting', { anonymous: RATE_LIMIT_ANONYMOUS, user: RATE_LIMIT_USER }),
    entry('admission', {}),
  ];
}

function entry(name: string, config: unknown): PluginEntry {
  return { name, config, enabled: true, tags: new Set() };
}
